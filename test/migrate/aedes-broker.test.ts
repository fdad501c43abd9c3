import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { convertFlow, type FlowNode } from "../../migrate";
import { type EmbeddedNodeRed, startNodeRed } from "../helpers/embedded-node-red";
import { freePort } from "../helpers/free-port";
import { connect } from "../helpers/mqtt-client";

describe("a converted broker of node-red-contrib-aedes", () => {
	let red: EmbeddedNodeRed;
	let port: number;

	beforeAll(async () => {
		red = await startNodeRed();
		port = await freePort();
	});
	afterAll(() => red.stop());

	const place = { z: "tab", x: 1, y: 1 };
	const flow = (): FlowNode[] => [
		{ id: "tab", type: "tab", label: "T" },
		{
			...place,
			id: "aedes",
			type: "aedes broker",
			mqtt_port: port,
			mqtt_ws_bind: "path",
			wires: [["clients"], ["messages"]],
		},
		{ ...place, id: "clients", type: "test-probe", wires: [] },
		{ ...place, id: "messages", type: "test-probe", wires: [] },
	];

	test("lets clients in as it did, and tells of them and of their messages at the same places", async () => {
		await red.deploy(convertFlow(flow(), { credentialsOf: () => ({}) }).nodes);
		await red.status("aedes", ({ fill }) => fill === "green");
		const client = await connect(`mqtt://127.0.0.1:${port}`, { clientId: "lamp", username: "any", password: "thing" });
		await client.mqtt.publishAsync("a/b", "hello", { qos: 1 });
		const [connected] = await red.received("clients", 1);
		expect(connected).toMatchObject({ topic: "connected", payload: { client: { id: "lamp", user: "any" } } });
		const [published] = await red.received("messages", 1);
		expect(published).toMatchObject({ topic: "published", payload: { message: { topic: "a/b", payload: "hello" } } });
		await client.close();
	});

	test("whose user is not known keeps everybody out who comes without one", async () => {
		await red.deploy(convertFlow(flow()).nodes);
		await red.status("aedes", ({ fill }) => fill === "green");
		await expect(connect(`mqtt://127.0.0.1:${port}`)).rejects.toThrow(/[Nn]ot authorized/);
	});
});
