/**
 * Tells systemd that the flow runs, and that the process still answers. systemd listens on a datagram socket, which
 * Node can't open: its own small program `systemd-notify` says it.
 */

import { execFile } from "node:child_process";

/** Sent from the event loop: one that hangs sends nothing, and systemd restarts the service. */
const signOfLife = "WATCHDOG=1";

/** How many signs of life there are in the time that systemd waits for one. */
const signsInTime = 3;

/** What systemd gives to a service that it listens to. */
export interface ServiceEnvironment {
	readonly socket: string | undefined;
	/** Milliseconds within which systemd wants a sign of life; 0 for never. */
	readonly watchdogMs: number;
}

/** Takes the variables of systemd out of an environment, so that programs which a flow starts do not speak for it. */
export function takeServiceEnvironment(environment: NodeJS.ProcessEnv, pid = process.pid): ServiceEnvironment {
	const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: microseconds, WATCHDOG_PID: watched } = environment;
	delete environment.NOTIFY_SOCKET;
	delete environment.WATCHDOG_USEC;
	delete environment.WATCHDOG_PID;
	const mine = watched === undefined || watched === String(pid);
	return { socket: socket || undefined, watchdogMs: mine ? Number(microseconds ?? 0) / 1000 : 0 };
}

/** `open` and `close` go together. Where no systemd listens, nothing is done. */
export class ServiceNotifier {
	readonly #environment: ServiceEnvironment;
	readonly #onProblem: (sentence: string) => void;
	#timer: NodeJS.Timeout | undefined;
	#sending = false;
	#complained = false;

	constructor(environment: ServiceEnvironment, onProblem: (sentence: string) => void) {
		this.#environment = environment;
		this.#onProblem = onProblem;
	}

	/** Signs of life begin with the process: a start that hangs is restarted too. */
	open(): void {
		const { socket, watchdogMs } = this.#environment;
		if (socket === undefined || !(watchdogMs > 0)) return;
		this.#timer = setInterval(() => this.#live(), watchdogMs / signsInTime);
		this.#timer.unref();
	}

	/** The flow runs. @param status for `systemctl status` */
	ready(status: string): void {
		this.#send(["--ready", `--status=${status}`]);
	}

	/** @param status for `systemctl status` */
	status(status: string): void {
		this.#send([`--status=${status}`]);
	}

	close(): void {
		clearInterval(this.#timer);
		this.#send(["STOPPING=1"]);
	}

	#live(): void {
		if (this.#sending) return;
		this.#sending = true;
		this.#send([signOfLife], () => {
			this.#sending = false;
		});
	}

	#send(words: readonly string[], done = () => {}): void {
		const { socket } = this.#environment;
		if (socket === undefined) return;
		execFile("systemd-notify", words, { env: { ...process.env, NOTIFY_SOCKET: socket } }, (error) => {
			if (error && !this.#complained) {
				this.#complained = true;
				this.#onProblem(`systemd can't be told how the flow is: ${error.message.trim()}. Install the package systemd.`);
			}
			done();
		});
	}
}
