import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

/** A machine with much to do takes its time; the harness itself gives up when nothing happens for a minute. */
const PATIENCE = 280_000;

test(
	"S1 flowbroker run loses nothing acknowledged, and delivers QoS 2 once, when it is killed ten times",
	async () => {
		const harness = join(__dirname, "../../bench/kill-harness.mjs");
		const options = ["--rounds", "10", "--seed", "1", "--broker", "runtime", "--json"];
		const { stdout } = await promisify(execFile)(process.execPath, [harness, ...options]);
		const { qos1, qos2, retained } = JSON.parse(stdout);
		expect({ qos1, qos2, retained }).toEqual({
			qos1: expect.objectContaining({ lost: 0 }),
			qos2: expect.objectContaining({ lost: 0, twice: 0 }),
			retained: { topics: 20, lostOrOld: 0 },
		});
		expect(qos1.acknowledged).toBeGreaterThan(100);
		expect(qos2.acknowledged).toBeGreaterThan(50);
	},
	PATIENCE,
);
