import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";

const page = readFileSync(join(__dirname, "../../docs/comparison.md"), "utf8");

describe("docs/comparison.md", () => {
	test("says nothing of another broker without the address where that broker says it", () => {
		const rows = [...page.matchAll(/^\| (\w.*) \|$/gm)].map(([, row = ""]) => row.split("|"));
		expect(rows.length).toBeGreaterThan(5);
		for (const [subject, , ...others] of rows) {
			for (const said of others.filter((cell) => cell.trim() !== "")) {
				expect({ subject, said }).toMatchObject({ said: expect.stringContaining("](https://") });
			}
		}
	});
});
