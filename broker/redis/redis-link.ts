/** The connections of one process to Redis: scripts, and the changes that all processes hear in the same order. */

import { randomUUID } from "node:crypto";
import { FlowbrokerError } from "../errors";
import type { StoreProblem } from "../store/problem";
import type { RedisOptions } from "./redis-options";
import { loadRedis, type RedisConnection } from "./redis-packages";
import { type ScriptName, scriptNames, scriptText } from "./scripts";
import { cutNumber } from "./shared-message";

const SECRET = "flowbroker:secret";
const ACCESS = "flowbroker:access";

/** What a Redis that is full does not take: when it does, it is full no more. */
const GROWING: ReadonlySet<ScriptName> = new Set(["publish", "keep", "subscribe", "claim", "beat"]);

export interface LinkEvents {
	problem(problem: StoreProblem): void;
	/** The next change. */
	heard(number: number, change: Buffer): void;
	/** Changes may have been missed: everything has to be loaded again. */
	missed(): void;
}

export class RedisLink {
	/** Names this process among the others. */
	readonly process = randomUUID();
	readonly #options: RedisOptions;
	readonly #events: LinkEvents;
	readonly #hashes = new Map<ScriptName, string>();
	#data: RedisConnection | undefined;
	#ears: RedisConnection | undefined;
	/** Where changes are told: nobody else knows the channel, which all databases of a Redis share. */
	#channel = "";
	/** Number of the last change that was heard; undefined until everything is loaded. */
	#heard: number | undefined;
	/** Heard before everything is loaded. */
	#early: { readonly number: number; readonly rest: Buffer }[] = [];
	#awaited: { readonly number: number; readonly resolve: () => void }[] = [];
	/** It `is` away, or `refuses` to keep anything. */
	#failing: "is" | "refuses" | undefined;

	constructor(options: RedisOptions, events: LinkEvents) {
		this.#options = options;
		this.#events = events;
	}

	/** @throws FlowbrokerError REDIS_MISSING, REDIS_UNREACHABLE */
	async open(): Promise<void> {
		this.#failing = undefined;
		const connections: RedisConnection[] = [];
		try {
			const data = await this.#connect();
			connections.push(data);
			for (const name of scriptNames) this.#hashes.set(name, String(await data.script("LOAD", scriptText(name))));
			await data.setnx(SECRET, randomUUID());
			const secret = (await data.get(SECRET)) as string;
			this.#channel = `flowbroker:${secret}`;
			const ears = await this.#connect();
			connections.push(ears);
			this.#listen(data, ears, secret);
			await ears.subscribe(this.#channel);
			this.#data = data;
			this.#ears = ears;
		} catch (error) {
			for (const connection of connections) connection.disconnect();
			if (error instanceof FlowbrokerError) throw error;
			const sentence = `Redis at ${this.#host} can't be used: ${(error as Error).message}.`;
			throw new FlowbrokerError("REDIS_UNREACHABLE", sentence, { cause: error });
		}
	}

	close(): void {
		const connections = [this.#data, this.#ears];
		this.#data = undefined;
		this.#ears = undefined;
		this.#heard = undefined;
		this.#early = [];
		for (const connection of connections) connection?.disconnect();
	}

	/** What the script answers. Waits while Redis is away. @throws FlowbrokerError STORE_FAILING when Redis refuses */
	async run(name: ScriptName, ...words: (string | number | Buffer)[]): Promise<unknown> {
		try {
			const answer = await this.#call(name, words);
			if (GROWING.has(name)) this.#works("refuses");
			return answer;
		} catch (error) {
			// Without a connection there is nobody to be told: the broker stops.
			if (this.#data) this.#refused(error as Error);
			throw this.#failure(`refused: ${(error as Error).message}`, error as Error);
		}
	}

	/** As {@link run}. Resolves when this process has heard of the change, whose number the script answers. */
	async change(name: ScriptName, ...words: (string | number | Buffer)[]): Promise<void> {
		await this.heard(Number(await this.run(name, ...words)));
	}

	/** Resolves when that change was heard here. */
	heard(number: number): Promise<void> {
		if (this.#heard !== undefined && this.#heard >= number) return Promise.resolve();
		return new Promise((resolve) => this.#awaited.push({ number, resolve }));
	}

	/** Resolves when everything was heard that any process has changed up to now. */
	async fence(): Promise<void> {
		const number = await this.#open().get("flowbroker:seq");
		await this.heard(Number(number ?? 0));
	}

	/** Everything up to that change is known; what was heard of later ones follows. */
	loaded(number: number): void {
		this.#heard = number;
		const early = this.#early;
		this.#early = [];
		for (const { number, rest } of early) this.#next(number, rest);
		this.#tell();
	}

	access(): Promise<string | null> {
		return this.#open().get(ACCESS);
	}

	get #host(): string {
		return new URL(this.#options.url).host;
	}

	#open(): RedisConnection {
		if (!this.#data) throw new Error("the link to Redis is not open");
		return this.#data;
	}

	async #call(name: ScriptName, words: (string | number | Buffer)[]): Promise<unknown> {
		const data = this.#open();
		const hash = this.#hashes.get(name) as string;
		try {
			return await data.evalshaBuffer(hash, 0, this.#channel, ...words);
		} catch (error) {
			// A Redis that was started anew has forgotten it.
			if (!(error as Error).message.startsWith("NOSCRIPT")) throw error;
			return await data.evalBuffer(scriptText(name), 0, this.#channel, ...words);
		}
	}

	/** Commands wait while Redis is away: what they promise is promised when it is back. */
	async #connect(): Promise<RedisConnection> {
		const { url, ca, modules } = this.#options;
		const options = { lazyConnect: true, maxRetriesPerRequest: null, ...(ca !== undefined && { tls: { ca } }) };
		const connection = loadRedis(modules)(url, options);
		let cause: Error | undefined;
		connection.on("error", (error: never) => {
			cause = error;
		});
		connection.on("close", () => {
			const reason = cause ?? new Error("the connection was closed");
			if (this.#data) this.#fail("is", "is away", reason);
		});
		try {
			await connection.connect();
		} catch (error) {
			connection.disconnect();
			const sentence = `Redis at ${this.#host} can't be reached: ${(cause ?? (error as Error)).message}.`;
			throw new FlowbrokerError("REDIS_UNREACHABLE", sentence, { cause: error });
		}
		return connection;
	}

	#listen(data: RedisConnection, ears: RedisConnection, secret: string): void {
		ears.on("messageBuffer", (_channel: never, bytes: never) => {
			const { number, rest } = cutNumber(bytes);
			if (this.#heard === undefined) this.#early.push({ number, rest });
			else this.#next(number, rest);
		});
		// What was told meanwhile is lost: it is in Redis.
		const again = () => {
			if (!this.#data) return;
			this.#heard = undefined;
			this.#early = [];
			void data.setnx(SECRET, secret).then(
				() => this.#events.missed(),
				(error: Error) => this.#refused(error),
			);
		};
		ears.on("ready", again);
		data.on("ready", () => {
			if (this.#data) this.#works("is");
		});
	}

	#next(number: number, rest: Buffer): void {
		const before = this.#heard as number;
		if (number <= before) return;
		if (number > before + 1) {
			this.#heard = undefined;
			this.#early = [];
			this.#events.missed();
			return;
		}
		this.#heard = number;
		this.#events.heard(number, rest);
		if (this.#awaited.length > 0) this.#tell();
	}

	#tell(): void {
		const heard = this.#heard;
		if (heard === undefined) return;
		const reached = this.#awaited.filter(({ number }) => number <= heard);
		if (reached.length === 0) return;
		this.#awaited = this.#awaited.filter(({ number }) => number > heard);
		for (const { resolve } of reached) resolve();
	}

	#refused(cause: Error): void {
		this.#fail("refuses", `refuses to keep anything (${cause.message})`, cause);
	}

	#fail(kind: "is" | "refuses", what: string, cause: Error): void {
		if (this.#failing) return;
		this.#failing = kind;
		const error = this.#failure(`${what}: nothing is acknowledged until that is over`, cause);
		this.#events.problem({ kind: "failing", error });
	}

	#failure(what: string, cause: Error): FlowbrokerError {
		return new FlowbrokerError("STORE_FAILING", `Redis at ${this.#host} ${what}.`, { cause });
	}

	#works(kind: "is" | "refuses"): void {
		if (this.#failing !== kind) return;
		this.#failing = undefined;
		this.#events.problem({ kind: "working" });
	}
}
