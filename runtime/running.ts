/** Keeps a started flow running until somebody asks it to stop, and stops it whatever happens. */

import { FlowbrokerError } from "../broker";
import { crashed, stopRequested } from "./process-events";

/** A stop is promised within 5 seconds; this leaves the process some time to end. */
const stopTimeoutMs = 4_700;

/**
 * Runs `start`, waits for SIGINT or SIGTERM, and runs `stop`; a signal during the start stops it too.
 * @throws what `start` throws; FlowbrokerError FLOW_CRASHED, STOP_TIMEOUT
 */
export async function runUntilStopped(start: () => Promise<void>, stop: () => Promise<void>): Promise<void> {
	const request = stopRequested();
	const crash = crashed();
	try {
		await Promise.race([start(), request, crash]);
		await Promise.race([request, crash]);
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
