import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createCertificates } from "../../../broker/certs/create";
import { convertFlow, type FlowNode } from "../../../migrate";
import { startBroker, type TestBroker } from "../../helpers/broker";
import { type EmbeddedNodeRed, startNodeRed } from "../../helpers/embedded-node-red";
import { LookOut } from "../../helpers/look-out";
import { connect, type TestClient } from "../../helpers/mqtt-client";
import { type Example, examples, type Step } from "./examples";

const usedNodes = ["10-function.js", "10-switch.js", "20-inject.js", "70-JSON.js", "80-template.js"];

/** As editors of that time wrote it. */
const oldBroker = {
	...{ id: "broker", type: "mqtt-broker", z: "", broker: "127.0.0.1", clientid: "", usetls: false, compatmode: true },
	...{
		keepalive: "60",
		cleansession: true,
		willTopic: "",
		willQos: "0",
		willPayload: "",
		birthTopic: "",
		birthQos: "0",
	},
	birthPayload: "",
};
const today = {
	...{ compatmode: undefined, protocolVersion: "5", autoConnect: true, autoUnsubscribe: true, sessionExpiry: "" },
	...{ userProps: "", birthRetain: "false", birthMsg: {}, closeTopic: "", closeQos: "0", closeRetain: "false" },
	...{ closePayload: "", closeMsg: {}, willRetain: "false", willMsg: {} },
};

describe("https://cookbook.nodered.org/mqtt/tls-connect-to-broker", () => {
	let red: EmbeddedNodeRed;
	let broker: TestBroker;
	let folder: string;

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "flowbroker-published-"));
		const { cert, key } = await createCertificates({ hosts: ["localhost"], out: folder });
		const secure = { name: "tls", kind: "tls", port: 0, tls: { certFile: cert, keyFile: key } };
		broker = await startBroker({ listeners: [{ port: 0 }, secure] });
		red = await startNodeRed();
	});
	afterAll(async () => {
		await red.stop();
		await broker.broker.stop();
		rmSync(folder, { recursive: true });
	});

	/** A broker by an address with `mqtts://`, and no box ticked. */
	const flow = (): FlowNode[] => [
		{ id: "tab", type: "tab", label: "T" },
		{ ...oldBroker, broker: `mqtts://localhost:${broker.broker.listeners[1]?.port}`, port: "8883" },
		{ id: "in", type: "mqtt in", z: "tab", x: 1, y: 1, topic: "a/#", qos: "2", broker: "broker", wires: [["got"]] },
		{ id: "got", type: "test-probe", z: "tab", x: 1, y: 1, wires: [] },
	];

	test.each([
		["with Node-RED's own nodes", flow],
		["converted, which tells that nobody checks the certificate", () => convertFlow(flow()).nodes],
	] as const)("%s", async (_what, nodes) => {
		red.clear();
		const subscribed = once(broker.broker.events, "subscribed");
		await red.deploy(nodes());
		await subscribed;
		const device = await connect(broker.url);
		await device.mqtt.publishAsync("a/b", "over TLS", { qos: 1 });
		expect(await red.received("got", 1)).toMatchObject([{ topic: "a/b", payload: "over TLS" }]);
		await device.close();
		expect(convertFlow(flow()).remarks).toMatchObject([
			{ node: "broker", text: expect.stringContaining("certificate") },
		]);
	});
});

describe.each([
	["as old editors write the broker (MQTT 3.1)", {}],
	["as the editor writes the broker today, with MQTT 5", today],
] as const)("published flows, %s", (_what, settings) => {
	let red: EmbeddedNodeRed;
	let broker: TestBroker;
	let device: TestClient;
	/** Topic filters that the flow has subscribed to, one for each subscription. */
	let subscribed: string[];
	let lookOut: LookOut;

	beforeAll(async () => {
		red = await startNodeRed(usedNodes);
	});
	afterAll(() => red.stop());
	beforeEach(async () => {
		broker = await startBroker();
		device = await connect(broker.url);
		await device.mqtt.subscribeAsync("#", { qos: 2 });
		subscribed = [];
		lookOut = new LookOut();
		broker.broker.events.on("subscribed", (_client, made) => {
			subscribed.push(...made.map(({ filter }) => filter));
			lookOut.changed();
		});
	});
	afterEach(async () => {
		await red.deploy([{ id: "none", type: "tab", label: "None" }]);
		red.clear();
		await device.close();
		await broker.broker.stop();
	});

	const flowOf = ({ nodes }: Example): FlowNode[] => [
		{ id: "tab", type: "tab", label: "T", env: [{ name: "MY_TOPIC", value: "from/environment", type: "str" }] },
		...nodes,
		JSON.parse(JSON.stringify({ ...oldBroker, port: String(broker.port), ...settings })) as FlowNode,
	];

	async function take(step: Step): Promise<void> {
		if ("press" in step) red.send(step.press, {});
		else if ("subscribed" in step) {
			await lookOut.until(() => (subscribed.includes(step.subscribed) ? true : undefined));
		} else {
			const { topic, payload, retain = false } = step;
			await device.mqtt.publishAsync(topic, payload, { qos: 1, retain });
		}
	}

	/** Deploys, does what the example says, and tells what came of it. */
	async function outcomeOf(flow: readonly FlowNode[], { nodes, steps, shown = [], published = [] }: Example) {
		const filters = nodes.filter(({ type, inputs }) => type === "mqtt in" && inputs !== 1).length;
		await red.deploy(flow.map((node) => (node.type === "debug" ? { ...node, type: "test-probe" } : node)));
		await lookOut.until(() => (subscribed.length >= filters ? true : undefined));
		// Node-RED's own node drops a message that comes before it knows that it is connected.
		const outs = flow.filter(({ type }) => type === "mqtt out" || type === "flowbroker-out");
		for (const { id } of outs) await red.status(id, ({ fill }) => fill === "green");
		for (const step of steps) await take(step);
		// Messages of the flow, and not those that the device itself has sent.
		const own = new Set(steps.flatMap((step) => ("topic" in step ? [step.topic] : [])));
		const fromFlow = () => device.received.filter(({ topic }) => !own.has(topic));
		if (published.length > 0) await device.next(() => fromFlow().length >= published.length);
		for (const id of new Set(shown.map(debugOf))) {
			await red.received(id, shown.filter((one) => debugOf(one) === id).length);
		}
		// Whatever was still under way has arrived when this has.
		await device.mqtt.publishAsync("the/end", "", { qos: 2 });
		await device.next(({ topic }) => topic === "the/end");
		const kept = new Set(broker.broker.retained("#").map(({ topic }) => topic));
		const messages = fromFlow().filter(({ topic }) => topic !== "the/end");
		return {
			shown: [...red.probes]
				.flatMap(([id, messages]) => messages.map(({ topic, payload }) => ({ id, topic, payload })))
				.filter(({ topic }) => topic !== "the/end")
				.map(({ id, topic, payload }) => JSON.stringify([topic, timeless(payload), id]))
				.sort(),
			published: messages
				.map(({ topic, text }) => `${topic} ${timeless(text)}${kept.has(topic) ? " retained" : ""}`)
				.sort(),
		};
	}

	describe.each(examples.map((example) => [example.source, example] as const))("%s", (_source, example) => {
		const expected = {
			shown: (example.shown ?? []).map((one) => JSON.stringify([one[0], one[1], debugOf(one)])).sort(),
			published: [...(example.published ?? [])].sort(),
		};

		test("with Node-RED's own nodes", async () => {
			expect(await outcomeOf(flowOf(example), example)).toEqual(expected);
		});

		test("converted", async () => {
			const { nodes, remarks } = convertFlow(flowOf(example));
			expect(nodes.filter(({ type }) => type.startsWith("mqtt"))).toEqual([]);
			expect(remarks).toEqual([]);
			expect(await outcomeOf(nodes, example)).toEqual(expected);
		});
	});
});

function debugOf([, , debug = "debug"]: readonly [string, unknown, string?]): string {
	return debug;
}

function timeless(payload: unknown): unknown {
	return /^\d{13}$/.test(String(payload)) ? "TIME" : payload;
}
