import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Workshop } from "./flowbroker-process";

let workshop: Workshop;

const tab = { id: "t", type: "tab", label: "Home" };
// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a flow refers to the environment
const broker = { id: "b", type: "flowbroker-broker", name: "House", port: "${FLOWBROKER_PORT}" };
const inject = {
	id: "i",
	type: "inject",
	z: "t",
	once: true,
	props: [{ p: "payload" }],
	payload: "hi",
	payloadType: "str",
};
const debug = {
	id: "d",
	type: "debug",
	z: "t",
	name: "out",
	active: true,
	console: true,
	complete: "payload",
	wires: [],
};

beforeAll(() => {
	workshop = new Workshop();
	workshop.write("cwd/home.json", [tab, broker]);
});

afterAll(() => workshop.remove());

function flow(name: string, ...nodes: object[]): string {
	return workshop.write(`flows/${name}.json`, nodes);
}

describe("flowbroker run", () => {
	test("says in one line that the flow runs and where its broker listens", async () => {
		const command = workshop.start(["run", "home.json"]);
		await command.sees("(Ctrl-C stops it)");
		const port = /home\.json is running - MQTT on 127\.0\.0\.1:(\d+) \(Ctrl-C stops it\)/.exec(command.stdout)?.[1];
		const client = connect(Number(port), "127.0.0.1");
		await once(client, "connect");
		client.destroy();
		const { stdout, stderr } = await command.stop();
		expect(stdout.match(/^flowbroker: /gm)).toHaveLength(1);
		expect(stderr).toBe("");
	});

	test("shows the comment named Try this, at most 12 lines of it", async () => {
		const info = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`).join("\n");
		const file = flow("hint", tab, { id: "c", type: "comment", z: "t", name: "Try this", info });
		const command = workshop.start(["run", file]);
		await command.sees("line 12");
		const { stdout } = await command.stop();
		expect(stdout).toContain("hint.json is running (Ctrl-C stops it)\nline 1\n");
		expect(stdout).not.toContain("line 13");
	});

	test("names the port in the hints when it is not the usual one", async () => {
		const info =
			"mosquitto_sub -v -t 'home/#'  # watch\nmosquitto_pub -p 1885 -t x -m y\nflowbroker sub -t x\nand look";
		const hint = { id: "c", type: "comment", z: "t", name: "Try this", info };
		const command = workshop.start(["run", flow("ported", tab, broker, hint)]);
		await command.sees("and look");
		const { stdout } = await command.stop();
		const port = /MQTT on 127\.0\.0\.1:(\d+)/.exec(stdout)?.[1];
		expect(stdout).toContain(
			`mosquitto_sub -p ${port} -v -t 'home/#'  # watch\nmosquitto_pub -p 1885 -t x -m y\nflowbroker sub -p ${port} -t x\nand look`,
		);
	});

	test.each([
		{ args: [], env: { FLOWBROKER_PORT: "" }, port: "1883" },
		{ args: [], env: { FLOWBROKER_PORT: "2883" }, port: "2883" },
		{ args: ["--port", "3883"], env: { FLOWBROKER_PORT: "2883" }, port: "3883" },
	])("gives the flow port $port for $args and $env", async ({ args, env, port }) => {
		const command = workshop.start(["run", "home.json", ...args], env);
		await command.sees(`port setting ${port}`);
		await command.sees("is running");
		expect((await command.stop()).code).toBe(0);
	});

	test("merges several files into one flow", async () => {
		const first = flow("first", tab, { ...inject, x: 1, wires: [["d"]] });
		const second = flow("second", tab, { ...inject, x: 2, wires: [["d"]] }, debug);
		const command = workshop.start(["run", first, second]);
		await command.sees("first.json, second.json is running");
		await command.sees("debug: [debug:out (d)] hi");
		expect((await command.stop()).code).toBe(0);
	});

	test("prints Debug nodes, warnings and errors with the node's id, and hides the rest", async () => {
		const program = "node.log('quiet'); node.warn('careful\\nnow'); throw new Error('broken')";
		const fails = { id: "f", type: "function", z: "t", name: "calc", func: program, outputs: 1, libs: [], wires: [[]] };
		const file = flow("log", tab, { ...inject, wires: [["d", "f"]] }, debug, fails);
		const command = workshop.start(["run", file]);
		await command.sees("broken");
		await command.sees("debug: [debug:out (d)] hi");
		const { stderr, stdout } = await command.stop();
		expect(stderr).toBe("warn: [function:calc (f)] careful | now\nerror: [function:calc (f)] broken\n");
		expect(stdout).not.toContain("quiet");
	});

	test("shows all that Node-RED logs with --verbose", async () => {
		const command = workshop.start(["run", "home.json", "--verbose"]);
		await command.sees("is running");
		expect((await command.stop()).stdout).toContain("info: Started flows");
	});

	test("keeps running although the flow has nothing to do", async () => {
		const idle = { id: "c", type: "comment", z: "t" };
		const command = workshop.start(["run", flow("idle", tab, idle), "--verbose"]);
		await command.sees("is running");
		const { code, stdout } = await command.stop();
		expect(stdout.slice(stdout.indexOf("is running"))).toContain("Stopping node comment:c removed");
		expect(code).toBe(0);
	});

	test("writes nothing without --data", async () => {
		const before = readdirSync(workshop.cwd);
		const command = workshop.start(["run", "home.json"]);
		await command.sees("is running");
		await command.stop();
		expect(readdirSync(workshop.cwd)).toEqual(before);
	});

	test.each(["SIGTERM", "SIGINT"] as const)(
		"stops on %s with exit code 0, the nodes closed as removed",
		async (signal) => {
			const command = workshop.start(["run", "home.json"]);
			await command.sees("is running");
			command.signal(signal);
			const { code, stdout } = await command.outcome();
			expect(stdout).toContain("fake broker closing, removed: true");
			expect(code).toBe(0);
		},
	);

	test("stops while it is still starting", async () => {
		const command = workshop.start(["run", flow("never", { ...broker, never: true })]);
		await command.sees("fake broker made");
		const { code, stdout } = await command.stop();
		expect(stdout).toContain("fake broker closing, removed: true");
		expect(stdout).not.toContain("is running");
		expect(code).toBe(0);
	});

	test("stops although a node never closes, and says which", async () => {
		const command = workshop.start(["run", flow("hang", { ...broker, hang: true })]);
		await command.sees("is running");
		const { code, stderr } = await command.stop();
		expect(stderr).toContain("[flowbroker-broker:House (b)]");
		expect(code).toBe(0);
	});

	test("ends at once with exit code 130 on a second signal", async () => {
		const command = workshop.start(["run", flow("hang", { ...broker, hang: true })]);
		await command.sees("is running");
		command.signal("SIGINT");
		await command.sees("fake broker closing");
		command.signal("SIGINT");
		expect((await command.outcome()).code).toBe(130);
	});
});

describe("flowbroker run stops everything with exit code 1", () => {
	test.each([
		["a listener is down", { down: "Port 1883 is in use." }, "Port 1883 is in use."],
		["a broker's settings are wrong", { reject: "There is no such address." }, "There is no such address."],
		["a broker node can't be made", { throw: "oops" }, "Node-RED could not make the node"],
	])("when %s", async (_when, settings, says) => {
		const { code, stdout, stderr } = await workshop.run([
			"run",
			flow("bad", broker, { ...broker, id: "b2", ...settings }),
		]);
		expect(stderr).toContain(`flowbroker: The broker "House" (node b2) did not start: ${says}`);
		expect(stdout).toContain("fake broker closing, removed: true");
		expect(stdout).not.toContain("is running");
		expect(code).toBe(1);
	});

	test("when a Function node needs a package that is not there", async () => {
		const libs = [{ var: "x", module: "no-such-package" }];
		const node = { id: "f", type: "function", z: "t", func: "", outputs: 0, libs, wires: [] };
		const { code, stderr } = await workshop.run(["run", flow("libs", tab, node)]);
		expect(stderr).toContain("could not be loaded: no-such-package");
		expect(code).toBe(1);
	});

	test("when the node's package fails to load", async () => {
		const data = installPackage("failing", "throw new Error('built for another machine')");
		const { code, stderr } = await workshop.run(["run", "home.json", "--data", data]);
		expect(stderr).toMatch(
			/^flowbroker: The nodes of contrib-failing\/set could not be loaded: built for another machine.*\n$/,
		);
		expect(code).toBe(1);
	});
});

describe("flowbroker run --data", () => {
	test("makes the folder, and loads the packages in it whatever way they register their types", async () => {
		const register = "const name = ['odd', 'type'].join(' '); RED.nodes.registerType(name, function (config) {";
		const data = installPackage(
			"odd",
			`module.exports = (RED) => { ${register} RED.nodes.createNode(this, config); console.log('odd made'); }); }`,
		);
		const command = workshop.start(["run", flow("odd", tab, { id: "o", type: "odd type", z: "t" }), "--data", data]);
		await command.sees("odd made");
		await command.sees("is running");
		const { code, stderr } = await command.stop();
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		expect(existsSync(join(data, "package.json"))).toBe(true);
	});

	test("names file and node of a type that turns out not to be in any package", async () => {
		const data = installPackage("opaque", "module.exports = () => {};");
		const { code, stderr } = await workshop.run(["run", flow("opaque", { id: "o", type: "odd" }), "--data", data]);
		expect(stderr).toContain('opaque.json: the node type "odd" is not installed (node o)');
		expect(code).toBe(1);
	});
});

/** @returns a data folder with one package of nodes */
function installPackage(name: string, program: string): string {
	const folder = `data-${name}/node_modules/contrib-${name}`;
	workshop.write(`${folder}/package.json`, {
		name: `contrib-${name}`,
		version: "1.0.0",
		"node-red": { nodes: { set: "set.js" } },
	});
	workshop.write(`${folder}/set.js`, program);
	return join(workshop.root, `data-${name}`);
}
