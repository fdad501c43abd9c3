import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";

interface FlowEntry {
	readonly id: string;
	readonly type: string;
	readonly name?: string;
	readonly topic?: string;
	readonly z?: string;
	readonly g?: string;
	readonly x: number;
	readonly y: number;
	readonly w: number;
	readonly h: number;
	readonly info?: string;
	readonly func?: string;
	readonly nodes?: readonly string[];
	readonly wires?: readonly (readonly string[])[];
}

const folder = join(__dirname, "../../flows");
const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
	.filter((file) => file.endsWith(".json"))
	.sort();

/** As wide as the editor draws it, more or less: it measures the text, which a test without a browser can't. */
function boxOf(node: FlowEntry) {
	const label = node.name || node.topic || node.type.replace("flowbroker-", "");
	const width = Math.max(100, 20 * Math.ceil((label.length * 6.6 + 50) / 20));
	return { left: node.x - width / 2, right: node.x + width / 2, top: node.y - 15, bottom: node.y + 15 };
}

const nameOf = ({ id, type, name, topic }: FlowEntry) => `${type} ${name || topic || id}`;

describe.each(files)("the example flow %s", (file) => {
	const entries = JSON.parse(readFileSync(join(folder, file), "utf8")) as FlowEntry[];
	const onCanvas = entries.filter(({ type, z, x }) => z !== undefined && x !== undefined && type !== "group");
	const nodes = onCanvas.filter(({ type }) => type !== "comment");

	test("tells in a comment what it shows, and how to try it", () => {
		const comments = onCanvas.filter(({ type }) => type === "comment").map(({ info }) => info ?? "");
		expect(comments.some((info) => info.startsWith("# "))).toBe(true);
		expect(comments.join("\n")).toMatch(/_pub|_sub|flowbroker (pub|sub|run)|Press/);
	});

	test("has every node in a group, on the grid", () => {
		for (const node of nodes) {
			expect({ node: nameOf(node), grouped: node.g !== undefined }).toMatchObject({ grouped: true });
			expect({ node: nameOf(node), x: node.x % 10, y: node.y % 10 }).toMatchObject({ x: 0, y: 0 });
		}
	});

	test("has no node on top of another, and none outside its group", () => {
		const boxes = onCanvas.map((node) => ({ node, box: boxOf(node) }));
		for (const [index, one] of boxes.entries()) {
			for (const other of boxes.slice(index + 1)) {
				if (one.node.z !== other.node.z) continue;
				const apart =
					one.box.right <= other.box.left ||
					other.box.right <= one.box.left ||
					one.box.bottom <= other.box.top ||
					other.box.bottom <= one.box.top;
				expect({ one: nameOf(one.node), other: nameOf(other.node), apart }).toMatchObject({ apart: true });
			}
			const group = entries.find(({ id }) => id === one.node.g);
			if (!group) continue;
			const { left, right, top, bottom } = one.box;
			const inside = left >= group.x && right <= group.x + group.w && top >= group.y && bottom <= group.y + group.h;
			expect({ node: nameOf(one.node), inside }).toMatchObject({ inside: true });
		}
	});

	test("reads from left to right", () => {
		for (const node of nodes) {
			for (const target of node.wires?.flat() ?? []) {
				const to = nodes.find(({ id }) => id === target) as FlowEntry;
				expect({ from: nameOf(node), to: nameOf(to), right: to.x > node.x }).toMatchObject({ right: true });
			}
		}
	});

	test("has no function of more than 25 lines", () => {
		for (const node of nodes) {
			const lines = node.func?.split("\n").length ?? 0;
			expect({ node: nameOf(node), short: lines <= 25 }).toMatchObject({ short: true });
		}
	});
});

test("no two example flows use an id for different nodes", () => {
	const seen = new Map<string, string>();
	for (const file of files) {
		for (const entry of JSON.parse(readFileSync(join(folder, file), "utf8")) as FlowEntry[]) {
			const text = JSON.stringify(entry);
			const before = seen.get(entry.id);
			expect({ file, id: entry.id, same: before === undefined || before === text }).toMatchObject({ same: true });
			seen.set(entry.id, text);
		}
	}
});

test("docs/examples.md lists every example flow, and no other", () => {
	const page = readFileSync(join(folder, "../docs/examples.md"), "utf8");
	const listed = [...page.matchAll(/^\| `([\w/-]+\.json)` \|/gm)].map(([, file]) => file);
	expect(listed.sort()).toEqual(files);
});
