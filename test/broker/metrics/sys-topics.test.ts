import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { startBroker } from "../../helpers/broker";
import { connect } from "../../helpers/mqtt-client";

/** What Mosquitto 2.0 publishes, below `$SYS/broker/`. */
const mosquittoTopics = [
	...["bytes/received", "bytes/sent"],
	...["active", "connected", "disconnected", "expired", "inactive", "maximum", "total"].map(
		(name) => `clients/${name}`,
	),
	...["heap/current", "heap/maximum"],
	...[
		"bytes/received",
		"bytes/sent",
		"connections",
		"messages/received",
		"messages/sent",
		"publish/dropped",
		"publish/received",
		"publish/sent",
		"sockets",
	].flatMap((name) => ["1min", "5min", "15min"].map((period) => `load/${name}/${period}`)),
	...["messages/received", "messages/sent", "messages/stored"],
	...["publish/bytes/received", "publish/bytes/sent"],
	...["dropped", "received", "sent"].map((name) => `publish/messages/${name}`),
	...["retained messages/count", "shared_subscriptions/count", "store/messages/bytes", "store/messages/count"],
	...["subscriptions/count", "uptime", "version"],
];

describe("the topics below $SYS/broker", () => {
	test("are those of Mosquitto, retained, with values as text", async () => {
		const { broker, url } = await startBroker();
		const client = await connect(url, { clientId: "secret-id" });
		await client.mqtt.subscribeAsync("$SYS/#");
		const got = await client.count(mosquittoTopics.length);
		const values = new Map(got.map(({ topic, text }) => [topic, text]));
		expect([...values.keys()].sort()).toEqual(mosquittoTopics.map((name) => `$SYS/broker/${name}`).sort());
		expect(got.every(({ retain }) => retain)).toBe(true);
		expect(values.get("$SYS/broker/version")).toBe(`flowbroker ${version}`);
		expect(values.get("$SYS/broker/uptime")).toMatch(/^\d+ seconds$/);
		expect(values.get("$SYS/broker/clients/connected")).toBe("0");
		expect(values.get("$SYS/broker/load/publish/sent/15min")).toBe("0.00");
		expect([...values].flat().join()).not.toContain("secret-id");
		await client.close();
		await broker.stop();
	});

	test("change while the broker runs, and only those that have changed are told again", async () => {
		const { broker, url } = await startBroker({ sysInterval: 1 });
		const client = await connect(url);
		await client.mqtt.subscribeAsync("$SYS/broker/#");
		await client.count(mosquittoTopics.length);
		await client.mqtt.publishAsync("keep", "12", { qos: 1, retain: true });
		const told = (name: string, value: string) =>
			client.next(({ topic, text }) => topic === `$SYS/broker/${name}` && text === value);
		await told("clients/connected", "1");
		await told("publish/messages/received", "1");
		await told("retained messages/count", "1");
		await told("subscriptions/count", "1");
		const load = await client.next(({ topic, text }) => topic.endsWith("publish/received/1min") && text !== "0.00");
		expect(Number(load.text)).toBeGreaterThan(0);
		expect(client.received.filter(({ topic }) => topic === "$SYS/broker/version")).toHaveLength(1);
		await client.close();
		await broker.stop();
	});

	test("do not come to those who subscribe to everything, and are not counted as retained", async () => {
		const { broker, url } = await startBroker();
		const client = await connect(url);
		await client.mqtt.subscribeAsync(["#", "+/broker/uptime"]);
		await client.mqtt.publishAsync("end", "x", { qos: 1 });
		await client.next(({ topic }) => topic === "end");
		expect(client.received.map(({ topic }) => topic)).toEqual(["end"]);
		expect(broker.retained("#")).toEqual([]);
		expect(broker.metrics().retained).toMatchObject({ count: 0, bytes: 0 });
		expect(broker.metrics().publish.received).toBe(1);
		await client.close();
		await broker.stop();
	});

	test("come to the flow's own subscriptions", async () => {
		const { broker } = await startBroker();
		const text = await new Promise<string>((resolve) => {
			broker.localClient("flow").subscribe(["$SYS/broker/version"], {}, ({ payload }) => resolve(payload.toString()));
		});
		expect(text).toBe(`flowbroker ${version}`);
		await broker.stop();
	});

	test("cannot be written by clients", async () => {
		const { broker, url } = await startBroker();
		const client = await connect(url, { protocolVersion: 5 });
		const forged = client.mqtt.publishAsync("$SYS/broker/version", "forged", { qos: 1, retain: true });
		await expect(forged).rejects.toThrow();
		expect(broker.retained("$SYS/broker/version")[0]?.payload.toString()).toBe(`flowbroker ${version}`);
		await client.close();
		await broker.stop();
	});

	test("are all told again after the broker was stopped and started", async () => {
		const { broker } = await startBroker();
		await broker.stop();
		const told: string[] = [];
		broker.events.on("published", ({ topic }) => told.push(topic));
		await broker.start();
		expect(told.sort()).toEqual(mosquittoTopics.map((name) => `$SYS/broker/${name}`).sort());
		await broker.stop();
	});

	test("are not there with an interval of 0", async () => {
		const { broker } = await startBroker({ sysInterval: 0 });
		expect(broker.retained("$SYS/#")).toEqual([]);
		await broker.stop();
	});
});

const { version } = JSON.parse(readFileSync(join(__dirname, "../../../package.json"), "utf8")) as { version: string };
