import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Workshop } from "./flowbroker-process";

let workshop: Workshop;

const flow = [
	{ id: "t", type: "tab" },
	{ id: "k", type: "kettle", z: "t" },
];

beforeAll(() => {
	workshop = new Workshop();
	workshop.write("cwd/tea.json", flow);
	writePackage("kettle", "0.1.0");
});

afterAll(() => workshop.remove());

/** A package with nodes of the same name, which would run a program while it is installed. */
function writePackage(name: string, version: string): void {
	workshop.write(`cwd/${name}/package.json`, {
		name,
		version,
		scripts: { postinstall: "node -e \"require('fs').writeFileSync('was-run', '')\"" },
		// Would be fetched from the network.
		peerDependencies: { "node-red": ">=4" },
		"node-red": { nodes: { [name]: "nodes.js" } },
	});
	workshop.write(
		`cwd/${name}/nodes.js`,
		`module.exports = (RED) => { RED.nodes.registerType("${name}", function (config) { RED.nodes.createNode(this, config); console.log("${name} ${version} made"); }); };`,
	);
}

/** npm must not ask the network, nor keep anything outside. */
const npm = () => ({
	npm_config_offline: "true",
	npm_config_cache: join(workshop.root, "npm"),
	npm_config_audit: "false",
});

const install = (...words: string[]) => workshop.run(["install", ...words], npm());

describe("flowbroker install", () => {
	test("puts a package of a file into the data folder, where check and run find it", async () => {
		const before = await workshop.run(["check", "tea.json", "--data", "house"]);
		expect(before.stdout).toContain('the node type "kettle" is not installed');
		execFileSync("npm", ["pack", "--silent", "--ignore-scripts"], {
			cwd: join(workshop.cwd, "kettle"),
			env: { ...process.env, ...npm() },
		});
		const { code, stdout, stderr } = await install("kettle/kettle-0.1.0.tgz", "--data", "house");
		expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
		expect(stdout).toContain("kettle: kettle\n1 package installed into ");
		const folder = join(workshop.cwd, "house");
		expect(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).dependencies).toHaveProperty("kettle");
		expect(existsSync(join(folder, "node_modules/node-red"))).toBe(false);
		expect(existsSync(join(folder, "node_modules/kettle/was-run"))).toBe(false);
		expect((await workshop.run(["check", "tea.json", "--data", "house"])).code).toBe(0);
		const command = workshop.start(["run", "tea.json", "--data", "house"]);
		await command.sees("kettle 0.1.0 made");
		await command.sees("is running");
		expect((await command.stop()).code).toBe(0);
	});

	test("runs the programs of a package only with --scripts", async () => {
		const { code } = await install("./kettle", "--data", "trusting", "--scripts");
		expect(code).toBe(0);
		expect(existsSync(join(workshop.cwd, "kettle/was-run"))).toBe(true);
	});

	test("takes the data folder from the configuration", async () => {
		workshop.write("cwd/house.conf.json", { data: "configured" });
		expect((await install("./kettle", "--config", "house.conf.json")).code).toBe(0);
		expect(existsSync(join(workshop.cwd, "configured/node_modules/kettle"))).toBe(true);
	});

	test.each<[string, string[], number, string]>([
		["nothing", ["--data", "x"], 2, "Name the packages to install"],
		["without a data folder", ["./kettle"], 2, "Say into which folder: --data DIR"],
		["a folder that is not there", ["./pot", "--data", "x"], 2, "./pot is not there"],
		["an option of npm", ["--data", "x", "--", "--global"], 2, "--global is no name of a package"],
		["what npm can't get", ["no-such-package-anywhere", "--data", "x"], 1, "npm install ended with"],
	])("refuses %s, and says why", async (_what, words, exit, sentence) => {
		const { code, stderr } = await install(...words);
		expect(stderr).toContain(sentence);
		expect(code).toBe(exit);
	});
});
