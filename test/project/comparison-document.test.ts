import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { directFailures } from "../conformance/direct-failures";
import { deviations } from "../peers/mosquitto/deviations";

const page = readFileSync(join(__dirname, "../../docs/comparison.md"), "utf8");
const failing = (known: Readonly<Record<string, readonly string[]>>) => Object.values(known).flat().length;

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

	test("counts the known failures of the conformance suite as they are", () => {
		expect(page.replaceAll(/\s+/g, " ")).toContain(
			`known failures for none of the tests with flowbroker, and for ${failing(deviations)} with Mosquitto`,
		);
		expect(failing(directFailures)).toBe(0);
	});
});
