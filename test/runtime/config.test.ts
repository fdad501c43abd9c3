import { readFileSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { run } from "../../runtime/commands/run";
import { firstJson, firstYaml } from "../../runtime/config/first-config";
import { withoutComments } from "../../runtime/config/json-with-comments";
import { configSchema } from "../../runtime/config/schema";
import { settings } from "../../runtime/config/settings";
import { logLevels } from "../../runtime/log";
import { logFormats } from "../../runtime/run-output";
import { Workshop } from "./flowbroker-process";

let workshop: Workshop;

beforeAll(() => {
	workshop = new Workshop();
	workshop.write("cwd/home.json", [
		{ id: "t", type: "tab" },
		{ id: "b", type: "flowbroker-broker", port: "$" + "{FLOWBROKER_PORT}" },
	]);
});

afterAll(() => workshop.remove());

interface Row {
	readonly setting: string;
	readonly value: unknown;
	readonly from: string;
}

async function inForce(args: readonly string[], env: Record<string, string> = {}): Promise<Map<string, Row>> {
	const { stdout, stderr } = await workshop.run(["config", "show", "--format", "json", ...args], env);
	expect(stderr).toBe("");
	return new Map((JSON.parse(stdout) as Row[]).map((row) => [row.setting, row]));
}

describe("a setting", () => {
	beforeAll(() => {
		workshop.write(
			"cwd/house/flowbroker.json",
			`{ // ours\n\t"port": 2001, /* the\nbroker's */\n\t"data": "store", "watch": true }`,
		);
	});

	const file = ["--config", "house/flowbroker.json"];

	test.each<[string, string[], Record<string, string>, unknown, string]>([
		["its default", [], { FLOWBROKER_PORT: "" }, "1883", "default"],
		["the configuration file", file, {}, "2001", "house/flowbroker.json, line 2"],
		[
			"the configuration file that the environment names",
			[],
			{ FLOWBROKER_CONFIG: "house/flowbroker.json" },
			"2001",
			"house/flowbroker.json, line 2",
		],
		["the environment rather than the file", file, { FLOWBROKER_PORT: "2002" }, "2002", "FLOWBROKER_PORT"],
		[
			"an option rather than the environment",
			[...file, "--port", "2003"],
			{ FLOWBROKER_PORT: "2002" },
			"2003",
			"--port",
		],
	])("is taken from %s, and config show says so", async (_from, args, env, value, from) => {
		expect((await inForce(args, env)).get("port")).toEqual({ setting: "port", value, from });
	});

	test("that is a path in the file starts from the folder of the file", async () => {
		const rows = await inForce(file);
		expect(rows.get("data")?.value).toBe(join("house", "store"));
		expect(rows.get("watch")).toEqual({ setting: "watch", value: "true", from: "house/flowbroker.json, line 4" });
	});

	test("of the environment may take back what the file says", async () => {
		expect((await inForce(file, { FLOWBROKER_WATCH: "no" })).get("watch")?.value).toBe("false");
	});

	test("that holds a secret is masked", async () => {
		const { stdout } = await workshop.run(["config", "show"], {
			NODE_RED_CREDENTIAL_SECRET: "sesame",
			FLOWBROKER_TOKEN: "open-this",
		});
		expect(stdout).toMatch(/^NODE_RED_CREDENTIAL_SECRET +\*\*\* /m);
		expect(stdout).toMatch(/^FLOWBROKER_TOKEN +\*\*\* /m);
		expect(stdout).not.toMatch(/sesame|open-this/);
	});
});

describe("a configuration in YAML", () => {
	test("says the same as one in JSON, and is found by its name", async () => {
		workshop.write("cwd/flowbroker.yaml", "# ours\nport: 2001\n'data': store\nwatch: true\nflows:\n  - home.json\n");
		const rows = await inForce([]);
		expect(rows.get("port")).toEqual({ setting: "port", value: "2001", from: "flowbroker.yaml, line 2" });
		expect(rows.get("data")).toEqual({ setting: "data", value: "store", from: "flowbroker.yaml, line 3" });
		expect(rows.get("flows")?.value).toEqual(["home.json"]);
		workshop.write("cwd/flowbroker.json", {});
		const both = await workshop.run(["config", "show"]);
		expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("flowbroker.yaml and flowbroker.json here")]);
		for (const name of ["flowbroker.yaml", "flowbroker.json"]) rmSync(join(workshop.cwd, name));
	});

	test.each([
		["port: 1883\n data: x", "wrong.yaml, line 2: this is not valid YAML."],
		["port: 1883\nport: 1884", "wrong.yaml, line 2: a setting stands there for the second time."],
		["- port", "wrong.yaml must hold settings as name: value"],
		["data: x\nprot: 1", 'wrong.yaml, line 2: there is no setting "prot".'],
		["\nwatch: yes", 'wrong.yaml, line 2: the setting "watch" is wrong: it must be true or false'],
		["data: !!js/function 'function () {}'", "wrong.yaml, line 1: this is not valid YAML."],
	])("that says %j is refused with the line and the remedy", async (text, sentence) => {
		workshop.write("cwd/wrong.yaml", text);
		const { code, stderr } = await workshop.run(["config", "show", "--config", "wrong.yaml"]);
		expect(stderr).toContain(sentence);
		expect(code).toBe(2);
	});
});

test("flowbroker run takes its flow, its port and the form of its log from the configuration file", async () => {
	workshop.write("cwd/run.json", { flows: ["home.json"], port: 2004, log: "json" });
	const command = workshop.start(["run", "--config", "run.json"], { FLOWBROKER_PORT: "" });
	await command.sees("is running");
	const { code, stdout } = await command.stop();
	expect(stdout).toContain("fake broker made, port setting 2004");
	const line = stdout.split("\n").find((text) => text.startsWith("{")) ?? "";
	expect(JSON.parse(line)).toEqual({
		time: expect.any(String),
		level: "info",
		message: expect.stringContaining("home.json is running - MQTT on"),
	});
	expect(code).toBe(0);
});

test("flowbroker run --log json tells errors as JSON too", async () => {
	const { code, stderr } = await workshop.run(["run", "missing.json", "--log", "json"]);
	expect(JSON.parse(stderr)).toMatchObject({
		level: "error",
		message: expect.stringContaining("missing.json can't be read"),
	});
	expect(code).toBe(2);
});

describe("flowbroker init", () => {
	test("writes a flow and settings with which run starts, and says what to do next", async () => {
		const { code, stdout } = await workshop.runReal(["init", "new"]);
		expect(stdout).toContain("Wrote new/flow.json and new/flowbroker.yaml.");
		expect(stdout).toContain("cd new\n  flowbroker run ");
		// A service reads it as another user.
		for (const path of ["new", "new/flow.json", "new/flowbroker.yaml"]) {
			expect(statSync(join(workshop.cwd, path)).mode & 0o004).toBe(0o004);
		}
		expect(code).toBe(0);
		const command = workshop.startReal(["run", "--config", "new/flowbroker.yaml", "--port", "0"]);
		await command.sees("flow.json is running - MQTT on 127.0.0.1:");
		expect((await command.stop()).code).toBe(0);
	});

	test("takes the flow from where the published package has it, and says when it is not there", async () => {
		const missing = await workshop.run(["init", "packed"]);
		expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining("install flowbroker again")]);
		workshop.write("package/examples/demo-home.json", [{ id: "t", type: "tab" }]);
		expect((await workshop.run(["init", "packed"])).code).toBe(0);
		expect(JSON.parse(readFileSync(join(workshop.cwd, "packed/flow.json"), "utf8"))).toHaveLength(1);
	});

	test("writes JSON with --json, and another data folder", async () => {
		await workshop.runReal(["init", "json", "--json", "--data", "/srv/data"]);
		const { stdout } = await workshop.runReal(["config", "show", "--config", "json/flowbroker.json"]);
		expect(stdout).toMatch(/^data +\/srv\/data +json\/flowbroker\.json, line \d+$/m);
	});

	test.each(["flow.json", "flowbroker.yaml", "flowbroker.json"])(
		"leaves %s alone, and writes nothing then",
		async (name) => {
			const folder = `old-${name}`;
			const there = workshop.write(`cwd/${folder}/${name}`, "mine");
			const { code, stderr } = await workshop.runReal(["init", folder]);
			expect(stderr).toContain(`${folder}/${name} is there already, and is left as it is.`);
			expect(readFileSync(there, "utf8")).toBe("mine");
			expect(() => readFileSync(join(there, "..", name === "flow.json" ? "flowbroker.yaml" : "flow.json"))).toThrow();
			expect(code).toBe(2);
		},
	);

	test.each(["h", "a/b/c", "./d"])("makes the folder %s", async (folder) => {
		expect((await workshop.runReal(["init", folder])).code).toBe(0);
		expect(statSync(join(workshop.cwd, folder, "flow.json")).isFile()).toBe(true);
	});

	test.each([
		["blocked/file/home", "there is a file in the place of a folder"],
		["blocked/file", "there is a file in the place of a folder"],
		["/proc/no/where", "there is no such folder"],
	])("refuses %s, which can't be made", async (folder, why) => {
		workshop.write("cwd/blocked/file", "");
		const { code, stderr } = await workshop.runReal(["init", folder]);
		expect(stderr).toContain(`The folder ${folder} can't be made: ${why}.`);
		expect(code).toBe(2);
	});
});

describe("what must agree about the settings agrees:", () => {
	test("the schema that the package publishes, and the one of the settings", () => {
		const published = readFileSync(resolve(__dirname, "../../runtime/config/flowbroker.schema.json"), "utf8");
		expect(JSON.parse(published)).toEqual(configSchema());
	});

	test("the options of run, and the settings", () => {
		const options = settings.map(({ option }) => option).filter((option) => option !== undefined);
		expect(Object.keys(run.options).sort()).toEqual([...options, "config", "verbose"].sort());
	});

	test("the words for the log", () => {
		const kindOf = (key: string) => settings.find((setting) => setting.key === key)?.kind;
		expect([kindOf("log"), kindOf("logLevel")]).toEqual([logFormats, logLevels]);
	});

	test("the commented JSON, and the settings, whichever lines are made settings", () => {
		const commented = JSON.parse(withoutComments(firstJson({ port: 1 })));
		expect(Object.keys(commented)).toEqual(["port", "$schema"]);
		const all = firstJson({}).replace(/^\t\/\/ "/gm, '\t"');
		expect(Object.keys(JSON.parse(withoutComments(all)))).toEqual([...settings.map(({ key }) => key), "$schema"]);
	});

	test("the commented YAML, and the settings, whichever lines are made settings", async () => {
		workshop.write("cwd/all.yaml", firstYaml({}).replace(/^#(\w)/gm, "$1"));
		const rows = await inForce(["--config", "all.yaml"]);
		expect([...rows.keys()]).toEqual(settings.map(({ key }) => key));
		for (const { from } of rows.values()) expect(from).toMatch(/^all\.yaml, line \d+$/);
		workshop.write("cwd/none.yaml", firstYaml({}));
		expect((await inForce(["--config", "none.yaml"])).get("port")?.from).toBe("default");
	});
});

test("comments are blanked out, strings that look like them are not, and lines stay where they are", () => {
	const text = '{ // a "b"\n"c": "http://x", /* d\n */ "e": "\\"// f" }';
	const json = withoutComments(text);
	expect(JSON.parse(json)).toEqual({ c: "http://x", e: '"// f' });
	expect(json.indexOf('"e"')).toBe(text.indexOf('"e"'));
});
