/** Waits for what may happen to the process: a request to stop, and errors that nothing else caught. */

/** The exit code of a program that was interrupted. */
const interruptedExit = 130;

/** The longest that a timer takes. */
const longMs = 2 ** 31 - 1;

/** Closing a terminal sends SIGHUP to what runs in it; a service gets it from somebody who wants a reload. */
const hangupStops = (): boolean => process.stdin.isTTY || process.stdout.isTTY;

/**
 * Resolves on the first SIGINT or SIGTERM, or when the terminal is closed. A second one ends the process at once. Until the first, the process lives:
 * Node would end it as soon as a flow has no timer and no connection.
 */
export function stopRequested(): Promise<void> {
	return new Promise((resolve) => {
		const alive = setInterval(() => undefined, longMs);
		let requested = false;
		const listener = () => {
			if (requested) process.exit(interruptedExit);
			requested = true;
			clearInterval(alive);
			resolve();
		};
		process.on("SIGINT", listener);
		process.on("SIGTERM", listener);
		if (hangupStops()) process.on("SIGHUP", listener);
	});
}

/** Calls back on every SIGHUP that is no closing of the terminal. */
export function onReloadSignal(reload: () => void): void {
	if (!hangupStops()) process.on("SIGHUP", reload);
}

/** Calls back on every error that no node and no part of Node-RED caught, rejected promises included. */
export function onUncaught(tell: (error: unknown) => void): void {
	process.on("uncaughtException", tell);
}
