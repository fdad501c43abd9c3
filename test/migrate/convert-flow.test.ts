import { describe, expect, test } from "@jest/globals";
import { convertFlow, copyCredentials, type FlowNode } from "../../migrate";
import { brokerDefaults } from "../../nodes/broker/properties";
import { inDefaults } from "../../nodes/in/properties";
import { nodeTypes } from "../../nodes/node-types";
import { outDefaults } from "../../nodes/out/properties";

const tab: FlowNode = { id: "tab", type: "tab", label: "Home" };
const broker = (changes: object = {}): FlowNode => ({
	id: "broker",
	type: "mqtt-broker",
	name: "Home",
	broker: "pi.local",
	port: "1884",
	clientid: "",
	protocolVersion: "5",
	...changes,
});
const input = (changes: object = {}): FlowNode => ({
	id: "in",
	type: "mqtt in",
	z: "tab",
	g: "group",
	name: "All",
	topic: "home/#",
	qos: "1",
	datatype: "json",
	broker: "broker",
	nl: true,
	rap: "true",
	rh: "2",
	inputs: 0,
	x: 120,
	y: 80,
	wires: [["out"]],
	...changes,
});
const output = (changes: object = {}): FlowNode => ({
	id: "out",
	type: "mqtt out",
	z: "tab",
	name: "",
	topic: "copy",
	qos: "2",
	retain: "true",
	respTopic: "answers",
	contentType: "text/plain",
	userProps: '{"a":"b"}',
	correl: "c",
	expiry: "10",
	broker: "broker",
	x: 320,
	y: 80,
	wires: [],
	...changes,
});
const flow = (...more: FlowNode[]) => [tab, broker(), input(), output(), ...more];
const byId = (nodes: readonly FlowNode[], id: string) => nodes.find((node) => node.id === id) as FlowNode;
const texts = (flow: ReturnType<typeof convertFlow>) => flow.remarks.map(({ node, kind }) => `${node} ${kind}`);

describe("Node-RED's own nodes become flowbroker's", () => {
	test("keeps ids, wires, positions, groups, names and every setting", () => {
		const { nodes, converted, remarks } = convertFlow(flow());
		const { pace, underWay, queueSize, queueDrop, patience, stopLoops } = inDefaults;
		const own = { pace, underWay, queueSize, queueDrop, patience, stopLoops };
		expect(byId(nodes, "in")).toEqual({ ...input(), ...own, type: nodeTypes.in, rap: true });
		expect(byId(nodes, "out")).toEqual({ ...output(), type: nodeTypes.out, queueSize: "", queueDrop: "", outputs: 0 });
		expect(byId(nodes, "broker")).toMatchObject({ ...broker(), type: nodeTypes.broker, kind: "remote" });
		expect(nodes.map(({ id }) => id)).toEqual(["tab", "broker", "in", "out"]);
		expect(converted).toEqual(["broker", "in", "out"]);
		expect(remarks).toEqual([]);
	});

	/** Properties of the embedded broker, which come first, and limits that Node-RED's own node does not have either. */
	const names = Object.keys(brokerDefaults);
	const notWritten = new Set([
		...names.slice(0, names.indexOf("broker")),
		...["maximumPacketSize", "receiveMaximum", "topicAliasMaximum"],
	]);

	test("writes only properties that the nodes have, with their own defaults where Node-RED has no such setting", () => {
		const { nodes } = convertFlow([
			{ id: "b", type: "mqtt-broker" },
			{ id: "i", type: "mqtt in", broker: "b" },
			{ id: "o", type: "mqtt out", broker: "b" },
		]);
		const own = (id: string) => {
			const { id: _id, type: _type, ...properties } = byId(nodes, id);
			return properties;
		};
		for (const [id, defaults] of [
			["b", brokerDefaults],
			["i", inDefaults],
			["o", outDefaults],
		] as const) {
			expect(Object.keys(own(id)).filter((name) => !(name in defaults))).toEqual([]);
			const missing = Object.keys(defaults).filter((name) => !(name in own(id)));
			expect(missing.filter((name) => name !== "name" && !notWritten.has(name))).toEqual([]);
		}
		const differing = Object.entries(own("b")).filter(
			([name, value]) => JSON.stringify(value) !== JSON.stringify(brokerDefaults[name as keyof typeof brokerDefaults]),
		);
		expect(Object.fromEntries(differing)).toEqual({
			kind: "remote",
			broker: "localhost",
			verifyservercert: false,
		});
	});

	test("old flows go on doing what they did", () => {
		const { nodes } = convertFlow([
			broker({ compatmode: true, protocolVersion: undefined }),
			input({ datatype: undefined, rap: undefined, rh: undefined, nl: undefined, qos: undefined }),
			output({ qos: 0, retain: false }),
		]);
		expect(byId(nodes, "broker")).toMatchObject({ protocolVersion: "3" });
		expect(byId(nodes, "broker")).not.toHaveProperty("compatmode");
		expect(byId(nodes, "in")).toMatchObject({ datatype: "utf8", rap: false, rh: 0, nl: false, qos: "2" });
		expect(byId(nodes, "out")).toMatchObject({ qos: "", retain: "" });
	});

	test("an address without encryption stays one, and certificates that nobody checked are told", () => {
		const plain = convertFlow([broker({ broker: "ws://user:secret@pi:9001", usetls: true })]);
		expect(byId(plain.nodes, "broker")).toMatchObject({ broker: "ws://user:secret@pi:9001", usetls: false });
		expect(texts(plain)).toEqual(["broker changed"]);
		expect(JSON.stringify(plain.remarks)).not.toContain("secret");
		expect(texts(convertFlow([broker({ usetls: true, tls: "" })]))).toEqual(["broker changed"]);
		expect(texts(convertFlow([broker({ usetls: true, tls: "tls" })]))).toEqual([]);
	});

	test("a variable inside a text is told, one that is the whole text is not", () => {
		const { remarks } = convertFlow(
			flow(input({ id: "two", topic: `home/\${ROOM}/x` }), input({ id: "three", topic: `\${T}` })),
		);
		expect(remarks).toMatchObject([{ node: "two", kind: "changed", text: expect.stringContaining(`home/\${ROOM}/x`) }]);
	});

	test("a node whose broker is not there stays as it is and is told", () => {
		const lost = [input({ id: "lost", broker: "elsewhere" }), output({ id: "none", broker: "" })];
		const { nodes, remarks } = convertFlow(flow(...lost));
		expect(nodes.slice(-2)).toEqual(lost);
		expect(remarks).toMatchObject([
			{ node: "lost", type: "mqtt in", name: "All", kind: "kept", text: expect.stringContaining("elsewhere") },
			{ node: "none", kind: "kept" },
		]);
	});

	test("nodes in subflows are converted, and brokers that a variable of the subflow chooses", () => {
		const env = (id: string) => [{ name: "BROKER", type: "mqtt-broker", value: id, ui: { type: "conf-types" } }];
		const { nodes, remarks } = convertFlow([
			broker(),
			{ id: "sub", type: "subflow", name: "Publish", env: env("") },
			output({ z: "sub", broker: `\${BROKER}` }),
			{ id: "use", type: "subflow:sub", env: env("broker") },
		]);
		expect(byId(nodes, "out")).toMatchObject({ type: nodeTypes.out, broker: `\${BROKER}`, z: "sub" });
		expect(byId(nodes, "broker")).toMatchObject({ type: nodeTypes.broker });
		expect(byId(nodes, "sub").env).toMatchObject([{ type: nodeTypes.broker }]);
		expect(byId(nodes, "use").env).toMatchObject([{ type: nodeTypes.broker, value: "broker" }]);
		expect(remarks).toEqual([]);
	});

	test("converting a second time changes nothing", () => {
		const { nodes } = convertFlow(flow({ id: "other", type: "ha-mqtt-switch", server: "broker" }));
		const again = convertFlow(nodes);
		expect(again.nodes).toEqual(nodes);
		expect(again.converted).toEqual([]);
	});
});

describe("a broker that other nodes need stays, and has a converted copy", () => {
	const others = flow({ id: "switch", type: "ha-mqtt-switch", server: "broker" });

	test("with the same settings and credentials, and another client id", () => {
		const { nodes, copies, remarks } = convertFlow(
			others.map((node) => (node.id === "broker" ? broker({ clientid: "x" }) : node)),
		);
		const copy = copies.get("broker") as string;
		expect(byId(nodes, "broker")).toEqual(broker({ clientid: "x" }));
		expect(byId(nodes, "switch").server).toBe("broker");
		expect(byId(nodes, "in").broker).toBe(copy);
		expect(byId(nodes, copy)).toMatchObject({ type: nodeTypes.broker, broker: "pi.local", clientid: "x-flowbroker" });
		expect(remarks).toMatchObject([
			{ node: "broker", kind: "changed", text: expect.stringContaining("ha-mqtt-switch") },
		]);
		const login = { user: "flow", password: "pw" };
		expect(copyCredentials({ broker: login, other: {} }, copies)).toEqual({ broker: login, other: {}, [copy]: login });
	});

	test("when only some nodes are converted; the rest later joins the same copy", () => {
		const first = convertFlow(flow(), { only: new Set(["in"]) });
		const copy = first.copies.get("broker") as string;
		expect(first.converted).toEqual(["in"]);
		expect(byId(first.nodes, "out")).toEqual(output());
		const second = convertFlow(first.nodes, { only: new Set(["out"]) });
		expect(byId(second.nodes, "out")).toMatchObject({ type: nodeTypes.out, broker: copy });
		expect(second.nodes.filter(({ type }) => type === nodeTypes.broker)).toHaveLength(1);
	});

	test("but goes with its nodes when these are all of them", () => {
		const { converted, copies } = convertFlow(flow(), { only: new Set(["in", "out"]) });
		expect(converted).toEqual(["broker", "in", "out"]);
		expect(copies.size).toBe(0);
	});
});

describe("a broker of node-red-contrib-aedes becomes an embedded one with events nodes", () => {
	const aedes = (changes: object = {}): FlowNode => ({
		id: "aedes",
		type: "aedes broker",
		z: "tab",
		g: "group",
		name: "House",
		mqtt_port: 1884,
		mqtt_ws_bind: "port",
		mqtt_ws_port: 9001,
		mqtt_ws_path: "",
		dburl: "",
		usetls: false,
		x: 100,
		y: 100,
		wires: [["debug"], ["log"]],
		...changes,
	});
	const group: FlowNode = { id: "group", type: "group", z: "tab", nodes: ["aedes"] };
	const convert = (node: FlowNode, credentials?: Record<string, unknown>) =>
		convertFlow([tab, group, node], { credentialsOf: () => credentials });

	test("in its place, with both outputs, its ports, and open to the network as it was", () => {
		const { nodes, converted } = convert(aedes(), {});
		const [, , first, second, made] = nodes;
		expect(converted).toEqual(["aedes"]);
		expect(made).toMatchObject({
			type: nodeTypes.broker,
			kind: "embedded",
			host: "0.0.0.0",
			port: 1884,
			wsPort: 9001,
			access: "any",
			anonymous: "yes",
		});
		expect(first).toMatchObject({
			id: "aedes",
			type: "flowbroker-events",
			x: 100,
			y: 100,
			z: "tab",
			broker: made?.id,
			wires: [["debug"]],
		});
		expect(second).toMatchObject({
			type: "flowbroker-events",
			events: ["published"],
			broker: made?.id,
			wires: [["log"]],
		});
		expect(nodes[1]?.nodes).toEqual(["aedes", second?.id]);
		expect(JSON.stringify(nodes)).not.toContain("mqtt_");
	});

	test("lets nobody in without user name where there was a user, or where that is not known", () => {
		const secure = convert(aedes({ wires: [] }), { username: "dev", password: "hunter2" });
		expect(secure.nodes.at(-1)).toMatchObject({ anonymous: "auto" });
		expect(JSON.stringify(secure)).not.toContain("hunter2");
		expect(secure.remarks).toMatchObject([{ kind: "changed", text: expect.stringContaining('"dev"') }]);
		expect(convert(aedes()).nodes.at(-1)).toMatchObject({ anonymous: "auto" });
	});

	test("takes a path on Node-RED's own server over; TLS with uploaded certificates can't be", () => {
		const path = convert(aedes({ mqtt_ws_bind: "path", mqtt_ws_path: "mqtt" }), {});
		expect(path.nodes.at(-1)).toMatchObject({ wsPort: "", webPath: "/mqtt" });
		const tls = convert(aedes({ usetls: true }), {});
		expect(tls.nodes).toEqual([tab, group, aedes({ usetls: true })]);
		expect(tls.remarks).toMatchObject([{ node: "aedes", kind: "kept" }]);
	});
});
