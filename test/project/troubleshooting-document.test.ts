import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { errorTable } from "../../broker";

const root = join(__dirname, "../..");
const page = readFileSync(join(root, "docs/troubleshooting.md"), "utf8");

/** What the sources say, with texts that stand on several lines made one, and `\"` as it is shown. */
const sources = ["broker", "nodes", "runtime"]
	.flatMap((folder) =>
		readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
			.filter((name) => name.endsWith(".ts") || name.endsWith("broker.json"))
			.map((name) => readFileSync(join(root, folder, name), "utf8")),
	)
	.join("\n")
	.replaceAll(/["'`]\s*\+\s*["'`]/g, "")
	.replaceAll('\\"', '"');

const rows = page
	.split("\n")
	.filter((line) => line.startsWith("| `"))
	.map((line) => line.slice(2, -2).split(" | "));

/** Every text in a row that is shown as it is seen; what stands for a name or a number cuts it. */
const shown = rows.flatMap((cells) =>
	cells
		.slice(0, -1)
		.flatMap((cell) => /^`(.+)`$/.exec(cell)?.[1] ?? [])
		.filter((text) => !/^[A-Z_]+$/.test(text)),
);

describe("docs/troubleshooting.md", () => {
	test("names only codes that there are", () => {
		const codes = rows.map(([code = ""]) => code.slice(1, -1)).filter((code) => /^[A-Z_]+$/.test(code));
		expect(codes.length).toBeGreaterThan(30);
		for (const code of codes) expect(Object.keys(errorTable)).toContain(code);
	});

	test.each(shown)("shows a message as the program says it: %s", (text) => {
		for (const piece of text.split("…").map((part) => part.replace(/^\W+|\W+$/g, ""))) {
			expect({ piece, isThere: sources.includes(piece) }).toMatchObject({ isThere: true });
		}
	});
});
