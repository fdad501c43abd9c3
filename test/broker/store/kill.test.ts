import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";

const harness = join(__dirname, "../../../bench/kill-harness.mjs");

describe("a broker that is killed while clients publish and others are away", () => {
	test.each(["interval", "each"])(
		"loses nothing that it acknowledged, with durability %s",
		async (durability) => {
			const options = ["--rounds", "4", "--durability", durability, "--json"];
			const { stdout } = await promisify(execFile)(process.execPath, [harness, ...options]).catch((error) => error);
			const result = JSON.parse(stdout);
			expect(result).toMatchObject({
				qos1: { lost: 0 },
				qos2: { lost: 0, twice: 0 },
				retained: { topics: 20, lostOrOld: 0 },
			});
			expect(result.qos1.acknowledged).toBeGreaterThan(0);
			expect(result.qos2.acknowledged).toBeGreaterThan(0);
		},
		60_000,
	);
});
