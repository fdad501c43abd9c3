import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Kind, openStage, type Version } from "./stage";
import { type Row, rows } from "./table";

let folder = "";
beforeAll(() => {
	folder = mkdtempSync(path(tmpdir(), "flowbroker-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Messages with another QoS may overtake: only the order of those with the same QoS is told. */
async function outcome(kind: Kind, version: Version, { lines, before, says }: Row): Promise<string[]> {
	const stage = await openStage(kind, version, folder, lines, before);
	try {
		await stage.say(says);
		return (await stage.seen()).sort();
	} finally {
		await stage[Symbol.asyncDispose]();
	}
}

describe.each([
	["MQTT 5", 5],
	["MQTT 3.1.1", 4],
] as const)("bridges to Mosquitto over %s, a bridge of Mosquitto's and ours", (_name, version) => {
	test.each(rows.map((row) => [row.name, row] as const))("do the same: %s", async (_row, row) => {
		const [theirs, ours] = await Promise.all([outcome("Mosquitto", version, row), outcome("ours", version, row)]);
		expect(ours).toEqual(row.overlaps ? [...new Set(theirs)] : theirs);
		expect(ours.length).toBeGreaterThan(0);
	});
});
