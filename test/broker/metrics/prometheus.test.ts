import { describe, expect, test } from "@jest/globals";
import { prometheusText } from "../../../broker";
import { startBroker } from "../../helpers/broker";
import { connect } from "../../helpers/mqtt-client";

describe("the Prometheus text", () => {
	test("describes every name once, whose samples then follow for each broker", async () => {
		const one = await startBroker();
		const two = await startBroker();
		const client = await connect(one.url);
		const text = prometheusText([
			{ labels: { broker: "one" }, metrics: one.broker.metrics() },
			{ labels: { broker: "two" }, metrics: two.broker.metrics() },
		]);
		expect(text).toContain(
			[
				"# HELP flowbroker_clients Clients that are connected, and sessions that are kept for clients that are not.",
				"# TYPE flowbroker_clients gauge",
				'flowbroker_clients{broker="one",state="connected"} 1',
				'flowbroker_clients{broker="one",state="disconnected"} 0',
				'flowbroker_clients{broker="two",state="connected"} 0',
				'flowbroker_clients{broker="two",state="disconnected"} 0',
				"",
			].join("\n"),
		);
		expect(text).toContain("# TYPE flowbroker_publish_received_total counter\n");
		const described = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
		expect(new Set(described).size).toBe(described.length);
		await client.close();
		await one.broker.stop();
		await two.broker.stop();
	});

	test("has only lines that Prometheus can read", async () => {
		const { broker } = await startBroker();
		const text = prometheusText([
			{ labels: { broker: 'a "quoted" \\ name\nin two lines' }, metrics: broker.metrics() },
		]);
		const label = '[a-z]+="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
		const sample = new RegExp(`^flowbroker_[a-z_]+\\{${label}(,${label})*\\} \\d+(\\.\\d+)?(e[+-]?\\d+)?$`);
		const lines = text.split("\n");
		expect(lines.pop()).toBe("");
		for (const line of lines.filter((one) => !one.startsWith("# "))) expect(line).toMatch(sample);
		expect(text).toContain('{broker="a \\"quoted\\" \\\\ name\\nin two lines"}');
		await broker.stop();
	});
});
