import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Workshop } from "./flowbroker-process";

let workshop: Workshop;

beforeAll(() => {
	workshop = new Workshop();
	workshop.write("cwd/good.json", [{ id: "t", type: "tab" }]);
	workshop.write("cwd/broken.json", '[\n\t{"id": "a", "type": "tab"},\n\t{"id": "b" "type": "tab"}\n]');
	workshop.write("cwd/truncated.json", '[{"id": "a", "type": "tab"},\n{"id": "b", "ty');
	workshop.write("cwd/empty.json", "");
	workshop.write("cwd/nothing.json", "[]");
	workshop.write("cwd/object.json", { flows: [] });
	workshop.write("cwd/entries.json", [{ id: "a" }, { type: "tab" }, "text"]);
	workshop.write("cwd/unknown.json", [
		{ id: "u1", type: "no such" },
		{ id: "u2", type: "no such" },
		{ id: "g", type: "global-config", modules: { "node-red-contrib-such": "1.0.0", "x; rm -rf": "1" } },
	]);
	workshop.write("cwd/subflow.json", [{ id: "s1", type: "subflow:s0" }]);
	workshop.write("cwd/one.json", [{ id: "n", type: "inject", topic: "a", x: 1 }]);
	workshop.write("cwd/other.json", [{ id: "n", type: "inject", topic: "b", x: 1 }]);
	workshop.write("node-red-99/package.json", { version: "99.0.0", engines: { node: ">=99.1" } });
	workshop.write("node-red-4.0/package.json", { version: "4.0.9", engines: { node: ">=18" } });
	for (const name of ["node-red-99", "node-red-4.0"]) {
		workshop.write(`${name}/node_modules/@node-red/nodes/index.js`, "");
	}
});

afterAll(() => workshop.remove());

describe("flowbroker run, before it starts anything", () => {
	test.each([
		{ files: ["missing.json"], says: ["missing.json can't be read: there is no such file"] },
		{ files: ["."], says: [". can't be read: it is a folder"] },
		{ files: ["empty.json"], says: ["empty.json is empty"] },
		{ files: ["nothing.json"], says: ["nothing.json holds no nodes"] },
		{ files: ["object.json"], says: ["object.json does not hold a list of nodes"] },
		{ files: ["broken.json"], says: ["broken.json is not valid JSON: the first mistake is at line 3, column 13"] },
		{ files: ["truncated.json"], says: ["truncated.json is incomplete: it ends at line 2, column 16"] },
		{
			files: ["entries.json"],
			says: ["node a has no type", "number 2 of the list has no id", "number 3 of the list is not a node"],
		},
		{
			files: ["unknown.json"],
			says: ['unknown.json: the node type "no such" is not installed (nodes u1, u2)', "node-red-contrib-such@1.0.0 "],
		},
		{ files: ["subflow.json"], says: ["subflow.json: node s1 uses the subflow s0"] },
		{ files: ["one.json", "other.json"], says: ["The node n is in one.json and in other.json, and the two differ"] },
		{
			files: ["good.json", "empty.json", "one.json", "other.json", "unknown.json"],
			says: ["empty.json is empty", "The node n is in", 'the node type "no such"'],
		},
	])("lists all that is wrong with $files, one line each, with exit code 2", async ({ files, says }) => {
		const { code, stdout, stderr } = await workshop.run(["run", ...files]);
		for (const text of says) expect(stderr).toContain(text);
		expect(stderr).not.toContain("rm -rf");
		expect(stderr.trim().split("\n")).toHaveLength(
			Math.max(says.filter((text) => !text.startsWith("node-red-contrib")).length, 1),
		);
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
	});

	test.each([
		["a folder without it", "./nowhere", "There is no Node-RED in ./nowhere"],
		["a package that is not installed", "node-red-of-nobody", "There is no Node-RED in node-red-of-nobody"],
		["one that needs a newer Node.js", "../node-red-99", "Node-RED 99.0.0 needs Node.js >=99.1, and this is v"],
		["one that is too old", "../node-red-4.0", "Node-RED 4.0.9 is too old: flowbroker needs Node-RED >=4.1.0"],
	])("refuses %s as Node-RED with exit code 1", async (_what, name, says) => {
		const { code, stderr } = await workshop.run(["run", "good.json"], { FLOWBROKER_NODE_RED: name });
		expect(stderr).toContain(says);
		expect(code).toBe(1);
	});

	test("says what to install when there is no Node-RED", async () => {
		const bare = new Workshop(["node-red"]);
		try {
			bare.write("cwd/good.json", [{ id: "t", type: "tab" }]);
			const { code, stderr } = await bare.run(["run", "good.json"], { FLOWBROKER_NODE_RED: "" });
			expect(stderr).toContain('Node-RED is not installed here. Install it with "npm install node-red"');
			expect(code).toBe(1);
		} finally {
			await bare.remove();
		}
	});

	test("refuses a data folder that is a file", async () => {
		const { code, stderr } = await workshop.run(["run", "good.json", "--data", "empty.json"]);
		expect(stderr).toContain("empty.json can't be used: there is a file in the place of a folder.");
		expect(code).toBe(2);
	});
});
