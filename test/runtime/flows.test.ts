import { describe, expect, test } from "@jest/globals";
import { type FlowNode, mergeFlows, parseFlowFile } from "../../runtime/flows";

const file = (name: string, ...nodes: FlowNode[]) => ({ name, nodes });
const sentences = (problems: readonly Error[]) => problems.map((problem) => problem.message);

describe("parsing a flow file", () => {
	test("gives the nodes as they stand in the file", () => {
		const nodes = [{ id: "a", type: "tab", label: "Ä" }];
		expect(parseFlowFile("a.json", JSON.stringify(nodes))).toEqual({ name: "a.json", nodes, problems: [] });
	});

	test("keeps the sound entries beside the damaged ones, and names every damaged one", () => {
		const text = JSON.stringify([{ id: "a", type: "tab" }, { id: "b", type: 7 }, null, ["c"], { id: "", type: "tab" }]);
		const parsed = parseFlowFile("a.json", text);
		expect(parsed.nodes).toEqual([{ id: "a", type: "tab" }]);
		expect(sentences(parsed.problems)).toEqual([
			"a.json has a damaged entry: node b has no type.",
			"a.json has a damaged entry: number 3 of the list is not a node.",
			"a.json has a damaged entry: number 4 of the list is not a node.",
			"a.json has a damaged entry: number 5 of the list has no id.",
		]);
	});

	test.each(["", " \n", "{}", '"text"', "null", "[]", "[", "hello"])("refuses %j with the file's name", (text) => {
		const { nodes, problems } = parseFlowFile("a.json", text);
		expect(nodes).toEqual([]);
		expect(problems).toHaveLength(1);
		expect(problems[0]).toMatchObject({ code: "FLOW_INVALID", message: expect.stringMatching(/^a\.json /) });
	});
});

describe("merging flow files", () => {
	const node = { id: "n", type: "inject", topic: "a", x: 1, y: 2, wires: [["m"]] };
	const subflow = { id: "s", type: "subflow", in: [{ x: 1, y: 1, wires: [{ id: "n" }] }], status: { x: 1, y: 1 } };

	test("keeps the nodes of all files in order, and remembers where they come from", () => {
		const merged = mergeFlows([file("a.json", { id: "1", type: "tab" }), file("b.json", { id: "2", type: "tab" })]);
		expect(merged.nodes.map(({ id }) => id)).toEqual(["1", "2"]);
		expect([...merged.fileOf]).toEqual([
			["1", "a.json"],
			["2", "b.json"],
		]);
		expect(merged.problems).toEqual([]);
	});

	test.each([
		["moved", node, { ...node, x: 8, y: 9 }],
		["resized", { ...node, w: 1, h: 1 }, { ...node, w: 2, h: 3 }],
		["with its properties in another order", node, { wires: [["m"]], y: 2, x: 1, topic: "a", type: "inject", id: "n" }],
		[
			"a subflow with moved ports",
			subflow,
			{ ...subflow, in: [{ x: 5, y: 5, wires: [{ id: "n" }] }], status: { x: 7, y: 7 } },
		],
	])("takes a node that is equal but %s once, the first one", (_how, first, second) => {
		const merged = mergeFlows([file("a.json", first), file("b.json", second)]);
		expect(merged).toMatchObject({ nodes: [first], problems: [] });
	});

	test.each([
		["a property", node, { ...node, topic: "b" }],
		["a wire", node, { ...node, wires: [["m", "k"]] }],
		["a subflow's input wire", subflow, { ...subflow, in: [{ x: 1, y: 1, wires: [] }] }],
	])("refuses a node that differs in %s, naming both files and the id", (_what, first, second) => {
		const { problems } = mergeFlows([file("a.json", first), file("b.json", second)]);
		expect(sentences(problems)).toEqual([
			`The node ${first.id} is in a.json and in b.json, and the two differ. Export the newer one again, or leave one of them out.`,
		]);
		expect(problems[0]?.code).toBe("FLOW_CONFLICT");
	});

	test("refuses the same id twice in one file", () => {
		const { problems } = mergeFlows([file("a.json", node, { ...node, topic: "b" })]);
		expect(sentences(problems)[0]).toContain("The node n is twice in a.json, and the two differ.");
	});

	test("unites the global settings under one stable id", () => {
		const home = { name: "HOME", value: "1", type: "str" };
		const away = { name: "AWAY", value: "2", type: "str" };
		const merged = mergeFlows([
			file("a.json", { id: "random1", type: "global-config", env: [home], modules: { x: "1.0.0" } }),
			file("b.json", { id: "random2", type: "global-config", env: [home, away], modules: { x: "2.0.0", y: "1.0.0" } }),
			file("c.json", { id: "random3", type: "global-config", modules: {} }),
		]);
		expect(merged).toMatchObject({
			nodes: [{ id: "flowbroker-global-config", env: [home, away], modules: { x: "1.0.0", y: "1.0.0" } }],
			problems: [],
		});
	});

	test("refuses a global environment variable with two values", () => {
		const config = (value: string): FlowNode => ({ id: value, type: "global-config", env: [{ name: "HOME", value }] });
		const { problems } = mergeFlows([file("a.json", config("1")), file("b.json", config("2"))]);
		expect(sentences(problems)).toEqual([
			"The global environment variable HOME has one value in a.json and another in b.json. Give it the same value in both.",
		]);
	});
});
