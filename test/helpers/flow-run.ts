/** Runs example flows as a user does, with the built `flowbroker run`, in a process of its own and with a clock that the test moves. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { LookOut } from "./look-out";

const root = join(__dirname, "../..");

export interface FlowRunOptions {
	/** Files below `flows`, without `.json`, or absolute paths. */
	readonly flows: readonly string[];
	readonly env?: Record<string, string>;
	/** The data folder; without it nothing is kept. */
	readonly data?: string;
	/** The port; a free one where it is left out. */
	readonly port?: number;
	/** What time it is in the flows when they start. */
	readonly now?: string;
}

export interface FlowRun extends AsyncDisposable {
	readonly port: number;
	readonly url: string;
	/** What time it is in the flows. */
	readonly now: () => Date;
	/** Moves the clock; timers of the flows go off on the way, in order. Resolves when they have. */
	advance(seconds: number): Promise<void>;
	/** Resolves when the text, or one that fits, has appeared in the output. */
	sees(text: string | RegExp): Promise<void>;
	readonly output: () => string;
	/** Reads the flow files again. */
	reload(): void;
	/** Ends it as a power cut does. */
	kill(): Promise<void>;
	/** @returns the exit code */
	stop(): Promise<number | null>;
}

/** @throws with the output when the flows do not start */
export async function runFlows(options: FlowRunOptions): Promise<FlowRun> {
	const { flows, env = {}, data, port = 0, now = "2026-03-02T08:00:00Z" } = options;
	const files = flows.map((flow) => (flow.startsWith("/") ? flow : join(root, "flows", `${flow}.json`)));
	const folder = data === undefined ? [] : ["--data", data];
	const child = fork(join(root, "dist/runtime/cli.js"), ["run", ...files, "--port", String(port), ...folder], {
		execArgv: ["--require", join(__dirname, "simulated-clock.js")],
		env: { ...process.env, TZ: "UTC", SIMULATED_NOW: now, ...env },
		silent: true,
	});
	const run = new Run(child, Date.parse(now));
	await run.sees("is running");
	return run;
}

class Run implements FlowRun {
	readonly #child: ChildProcess;
	readonly #lookOut = new LookOut();
	#output = "";
	#now: number;
	#moves = 0;
	#ended: { readonly code: number | null } | undefined;

	constructor(child: ChildProcess, now: number) {
		this.#child = child;
		this.#now = now;
		const heard = (data: Buffer) => {
			this.#output += data;
			this.#lookOut.changed();
		};
		child.stdout?.on("data", heard);
		child.stderr?.on("data", heard);
		child.on("message", (message: { now: number }) => {
			this.#now = message.now;
			this.#moves++;
			this.#lookOut.changed();
		});
		child.once("close", (code) => {
			this.#ended = { code };
			this.#lookOut.changed();
		});
	}

	get port(): number {
		const port = /MQTT on 127\.0\.0\.1:(\d+)/.exec(this.#output)?.[1];
		if (port === undefined) throw new Error(`the flows have no broker:\n${this.#output}`);
		return Number(port);
	}

	get url(): string {
		return `mqtt://127.0.0.1:${this.port}`;
	}

	readonly now = (): Date => new Date(this.#now);
	readonly output = (): string => this.#output;

	async advance(seconds: number): Promise<void> {
		const moves = this.#moves;
		this.#child.send({ advance: seconds * 1000 });
		await this.#until(() => this.#moves > moves);
	}

	async sees(text: string | RegExp): Promise<void> {
		const fits = () => (typeof text === "string" ? this.#output.includes(text) : text.test(this.#output));
		await this.#until(fits);
	}

	reload(): void {
		this.#child.kill("SIGHUP");
	}

	async kill(): Promise<void> {
		await this.#end("SIGKILL");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.kill();
	}

	async stop(): Promise<number | null> {
		return this.#end("SIGTERM");
	}

	async #end(signal: NodeJS.Signals): Promise<number | null> {
		if (!this.#ended) {
			const closed = once(this.#child, "close");
			this.#child.kill(signal);
			await closed;
		}
		return this.#ended?.code ?? null;
	}

	async #until(met: () => boolean): Promise<void> {
		await this.#lookOut.until(() => met() || this.#ended || undefined);
		if (!met()) throw new Error(`flowbroker run ended:\n${this.#output}`);
	}
}
