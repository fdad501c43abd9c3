import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { packageOf } from "../../runtime/known-packages";
import { Workshop } from "./flowbroker-process";

let workshop: Workshop;
let count = 0;

beforeAll(() => {
	workshop = new Workshop();
	workshop.write("cwd/broken.acl", "user anna\ntopik read home/#\n");
	workshop.write("cwd/sound.acl", "user anna\ntopic read home/#\n");
});

afterAll(() => workshop.remove());

const tab = { id: "t", type: "tab", label: "Home" };
const broker = { id: "b", type: "flowbroker-broker", name: "House" };
const mosquitto = { ...broker, access: "mosquitto" };
const input = { id: "i", type: "flowbroker-in", z: "t", topic: "home/#", broker: "b", wires: [[]] };
const output = { id: "o", type: "flowbroker-out", z: "t", topic: "home", broker: "b", wires: [] };
const http = { id: "h", type: "http request", z: "t", name: "Weather", authType: "basic", wires: [[]] };

/** @returns severity, code and node of all that is found */
async function check(nodes: readonly object[], ...options: string[]) {
	const name = `flow-${++count}.json`;
	workshop.write(`cwd/${name}`, nodes);
	const { code, stdout, stderr } = await workshop.runReal(["check", name, "--format", "json", ...options]);
	const found = JSON.parse(stdout) as {
		severity: string;
		code: string;
		node?: string;
		file?: string;
		message: string;
	}[];
	for (const { file, message } of found) {
		expect(file).toBe(name);
		expect(message).toContain(name);
	}
	expect(stderr).toBe("");
	return {
		exit: code,
		found: found.map((one) => `${one.severity} ${one.code} ${one.node}`),
		messages: found.map(({ message }) => message),
	};
}

describe("flowbroker check", () => {
	test("finds nothing wrong with the demo home, and starts nothing", async () => {
		const { code, stdout, stderr } = await workshop.runReal(["check", require.resolve("../../flows/demo-home.json")]);
		expect(stdout).toContain("demo-home.json: nothing is wrong\n");
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	});

	test.each<[string, object[], string[], number]>([
		["a broker that is in no file", [tab, input], ["error REFERENCE_BROKEN i"], 2],
		["a broker that is something else", [tab, { ...input, broker: "t" }], ["error REFERENCE_BROKEN i"], 2],
		["a broker that was not chosen", [tab, { ...input, broker: "" }], ["warning REFERENCE_MISSING i"], 0],
		["a disabled broker", [tab, { ...broker, d: true }, input], ["warning REFERENCE_DISABLED i"], 0],
		["a broker that the environment names", [tab, { ...input, broker: "$" + "{BROKER}" }], [], 0],
		["a disabled node", [tab, { ...input, d: true }], [], 0],
		["a node on a disabled tab", [{ ...tab, disabled: true }, input], [], 0],
		["a wire to nowhere", [tab, broker, { ...input, wires: [["x", "x"]] }], ["warning WIRE_TO_NOWHERE i"], 0],
		["a link to nowhere", [tab, { id: "l", type: "link out", z: "t", links: ["x"] }], ["warning WIRE_TO_NOWHERE l"], 0],
		[
			"a subflow wired to nowhere",
			[{ id: "s", type: "subflow", in: [{ wires: [{ id: "x" }] }], out: [{ wires: [{ id: "s", port: 0 }] }] }],
			["warning WIRE_TO_NOWHERE s"],
			0,
		],
		[
			"users in a file that is not there",
			[{ ...mosquitto, passwordFile: "none" }],
			["warning ACCESS_FILE_MISSING b"],
			0,
		],
		["users in a folder", [{ ...mosquitto, passwordFile: "." }], ["warning ACCESS_FILE_UNREADABLE b"], 0],
		["users in a file of the environment", [{ ...mosquitto, passwordFile: "$" + "{USERS}" }], [], 0],
		["rules in a broken file", [{ ...mosquitto, aclFile: "broken.acl" }], ["warning MOSQUITTO_FILE_BROKEN b"], 0],
		["rules in a sound file", [{ ...mosquitto, aclFile: "sound.acl" }], [], 0],
		["a wrong topic filter", [tab, broker, { ...input, topic: "home/#/x" }], ["error FILTER_INVALID i"], 2],
		["no topic filter", [tab, broker, { ...input, topic: "" }], ["error FILTER_INVALID i"], 2],
		["no topic filter where messages name it", [tab, broker, { ...input, topic: "", inputs: 1 }], [], 0],
		["a topic filter of the environment", [tab, broker, { ...input, topic: "$" + "{HOME_TOPIC}/+x" }], [], 0],
		["a topic with a wildcard", [tab, broker, { ...output, topic: "home/+" }], ["error TOPIC_INVALID o"], 2],
		["a topic left to the message", [tab, broker, { ...output, topic: "" }], [], 0],
		["a port that is none", [{ ...broker, port: "http" }], ["error OPTION_INVALID b"], 2],
		[
			"two brokers on one port",
			[broker, { ...broker, id: "c", host: "0.0.0.0", anonymous: "no", access: "mosquitto" }],
			["error PORT_IN_USE c"],
			2,
		],
		[
			"two brokers on the port of the environment",
			[
				{ ...broker, port: "$" + "{FLOWBROKER_PORT}" },
				{ ...broker, id: "c" },
			],
			["error PORT_IN_USE c"],
			2,
		],
		[
			"a broker whose written listeners have one port twice",
			[{ ...broker, listeners: '[{"port": 1900}, {"kind": "ws", "port": 1900}]' }],
			["error PORT_IN_USE b"],
			2,
		],
		["a broker with one port twice", [{ ...broker, wsPort: 1883 }], ["error PORT_IN_USE b"], 2],
		[
			"two brokers on one port for TLS",
			[
				{ ...broker, tlsPort: 8883 },
				{ ...broker, id: "c", port: 8883 },
			],
			["error PORT_IN_USE c"],
			2,
		],
		[
			"a remote broker",
			[
				{ ...broker, kind: "remote", host: "10.0.0.1" },
				{ ...broker, id: "c" },
			],
			["note SECRET_POSSIBLE b"],
			0,
		],
		[
			"two brokers on any port",
			[
				{ ...broker, port: 0 },
				{ ...broker, id: "c", port: 0 },
			],
			[],
			0,
		],
		["two brokers on two addresses", [broker, { ...broker, id: "c", host: "127.0.0.2" }], [], 0],
		["a broker open to the network", [{ ...broker, host: "0.0.0.0", anonymous: "yes" }], ["warning BROKER_OPEN b"], 0],
		["a broker in the network without users", [{ ...broker, host: "192.168.1.2" }], ["note BROKER_WITHOUT_USERS b"], 0],
		["a needed password that is missing", [tab, http], ["warning SECRET_MISSING h", "warning SECRET_MISSING h"], 0],
		[
			"a certificate that was uploaded",
			[{ id: "c", type: "tls-config", certname: "c.pem", cert: "", keyname: "", key: "/k.pem", caname: "" }],
			["warning SECRET_MISSING c", "note SECRET_POSSIBLE c"],
			0,
		],
		[
			"a password in an address",
			[{ ...broker, kind: "remote", broker: "mqtt://ann:tulip@pi.local" }],
			["warning SECRET_IN_FLOW b", "note SECRET_POSSIBLE b"],
			0,
		],
		[
			"a variable in an address",
			// biome-ignore lint/suspicious/noTemplateCurlyInString: the runtime fills it in
			[{ ...broker, kind: "remote", broker: "mqtt://ann:${PASSWORD}@pi.local" }],
			["note SECRET_POSSIBLE b"],
			0,
		],
		["a password that may be missing", [{ id: "m", type: "mqtt-broker" }], ["note SECRET_POSSIBLE m"], 0],
		[
			"a secret variable without value",
			[{ ...tab, env: [{ name: "PIN", type: "cred" }] }],
			["warning SECRET_MISSING t"],
			0,
		],
	])("says of %s what it is", async (_what, nodes, expected, exit) => {
		expect(await check(nodes)).toMatchObject({ found: expected, exit });
	});

	test("knows that a broker of the data folder has users", async () => {
		workshop.write("data/flowbroker/b/access.json", { version: 1 });
		expect(await check([{ ...broker, host: "0.0.0.0" }], "--data", "../data")).toMatchObject({ found: [], exit: 0 });
	});

	test("reads the users of the data folder", async () => {
		workshop.write("broken/flowbroker/b/access.json", '{"version": 1,\n"users": [}');
		const { found, messages, exit } = await check([broker], "--data", "../broken");
		expect(found).toEqual(["warning ACCESS_FILE_BROKEN b"]);
		expect(messages[0]).toMatch(/broken\/flowbroker\/b\/access\.json, which is broken: Line 2 is not JSON/);
		expect(exit).toBe(0);
	});

	test("exits with 1 for a warning when it is to be strict", async () => {
		expect((await check([tab, broker, { ...input, wires: [["x"]] }], "--strict")).exit).toBe(1);
		expect((await check([{ id: "m", type: "mqtt-broker" }], "--strict")).exit).toBe(0);
		expect((await check([tab, input], "--strict")).exit).toBe(2);
	});

	test("prints one line for each finding and one that sums up", async () => {
		workshop.write("cwd/some.json", [tab, { ...input, wires: [["x"]] }]);
		const { code, stdout } = await workshop.runReal(["check", "some.json"]);
		expect(stdout.split("\n")).toEqual([
			'error: some.json: the flowbroker-in (node i) refers with "broker" to the flowbroker-broker b, which is in no file. Export the flow again, together with it.',
			"warning: some.json: the flowbroker-in (node i) is wired to x, which is in no file. Export both together, or remove the wire.",
			"some.json: 1 error, 1 warning",
			"",
		]);
		expect(code).toBe(2);
	});

	test("names the package of a well-known type, with the version of the export", async () => {
		const gauge = { id: "g", type: "ui_gauge", z: "t" };
		expect((await check([tab, gauge])).messages[0]).toContain("flowbroker install node-red-dashboard --data DIR - and");
		const modules = { "node-red-dashboard": "3.6.5", "node-red-contrib-other": "1.0.0" };
		const { messages } = await check([tab, gauge, { id: "x", type: "global-config", env: [], modules }]);
		expect(messages[0]).toContain("flowbroker install node-red-dashboard@3.6.5 --data DIR - and");
	});

	test("does not guess about references when a part of the flow can't be read", async () => {
		workshop.write("cwd/half.json", '[{"id":"b"');
		workshop.write("cwd/rest.json", [tab, input]);
		const { code, stdout } = await workshop.runReal(["check", "half.json", "rest.json", "--format", "json"]);
		expect(JSON.parse(stdout)).toMatchObject([{ severity: "error", code: "FLOW_INVALID", file: "half.json" }]);
		expect(code).toBe(2);
	});
});

test.each([
	["ui_button", "node-red-dashboard"],
	["ui-button", "@flowfuse/node-red-dashboard"],
	["server-state-changed", "node-red-contrib-home-assistant-websocket"],
	["zigbee2mqtt-in", "node-red-contrib-zigbee2mqtt"],
	["nobody knows it", undefined],
])("the type %s is known to be of the package %s", (type, name) => {
	expect(packageOf(type)).toBe(name);
});
