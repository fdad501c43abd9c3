import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { chapters } from "./cases";
import { directFailures } from "./direct-failures";

const page = readFileSync(join(__dirname, "../../docs/mqtt5.md"), "utf8");
const [features = ""] = page.split("\n## ");
const [, limits = ""] = page.split("\n## Limits");

/** The cells of a table, without its head. */
function rows(text: string): string[][] {
	const lines = text.split("\n").filter((line) => line.startsWith("| "));
	return lines.slice(1).map((line) => line.slice(2, -2).split(" | "));
}

describe("docs/mqtt5.md", () => {
	test("names for each feature tests that there are", () => {
		const known = new Set(chapters.flatMap(({ cases }) => cases.map(({ name }) => name)));
		const named = rows(features).flatMap(([feature, , tests = ""]) =>
			tests.split(" · ").map((name) => ({ feature, name, isThere: known.has(name) })),
		);
		expect(named.filter(({ isThere }) => !isThere)).toEqual([]);
		expect(named.length).toBeGreaterThan(50);
	});

	test("lists what the broker does not do, and nothing else", () => {
		const listed = Object.entries(directFailures).flatMap(([why, names]) => names.map((name) => [name, why]));
		expect(rows(limits)).toEqual(listed);
	});
});
