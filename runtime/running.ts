/** Keeps a started flow running until somebody asks it to stop, and stops it whatever happens. */

import { FlowbrokerError } from "../broker";
import { stopRequested } from "./process-events";

/** A stop is promised within 5 seconds; this leaves the process some time to end. */
const stopTimeoutMs = 4_700;

/**
 * Runs `start`, waits for SIGINT or SIGTERM, and runs `stop`; a signal during the start stops it too.
 * @param fatal rejects when something happened after which the process must end
 * @throws what `start` and `fatal` throw; FlowbrokerError STOP_TIMEOUT
 */
export async function runUntilStopped(
	start: () => Promise<void>,
	stop: () => Promise<void>,
	fatal: Promise<never>,
): Promise<void> {
	const request = stopRequested();
	try {
		await Promise.race([start(), request, fatal]);
		await Promise.race([request, fatal]);
	} finally {
		await within(stopTimeoutMs, stop());
	}
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_resolve, reject) => {
		const error = new FlowbrokerError("STOP_TIMEOUT", "The flow did not stop in time and was cut off.");
		timer = setTimeout(() => reject(error), milliseconds);
	});
	try {
		await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}
