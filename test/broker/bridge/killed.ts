/** Kills a process with a bridge again and again, and counts what crossed: bench/kill-harness.mjs. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

interface Count {
	readonly acknowledged: number;
	readonly lost: number;
	readonly twice: number;
}

export interface Toll {
	readonly qos1: Count;
	readonly qos2: Count;
	readonly retained: { readonly topics: number; readonly lostOrOld: number };
}

/** @param broker `bridge-in` or `bridge-out`. @param other what stands on the other side */
export async function killed(broker: string, other: "flowbroker" | "mosquitto", rounds: number): Promise<Toll> {
	const harness = join(__dirname, "../../../bench/kill-harness.mjs");
	const words = ["--broker", broker, "--other", other, "--rounds", String(rounds), "--seed", "1", "--json"];
	try {
		return JSON.parse((await promisify(execFile)(process.execPath, [harness, ...words])).stdout);
	} catch (error) {
		// Its exit code is 1 when something was lost: the numbers are there.
		const { stdout = "" } = error as { stdout?: string };
		if (!stdout.startsWith("{")) throw error;
		return JSON.parse(stdout);
	}
}
