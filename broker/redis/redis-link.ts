/** The connections of one process to Redis, and the small changes that the processes tell each other. */

import { randomUUID } from "node:crypto";
import { FlowbrokerError } from "../errors";
import type { StoreProblem } from "../store/problem";
import type { RedisOptions } from "./redis-options";
import { loadRedisPackages, type RedisConnection, type RedisPackages } from "./redis-packages";

/** Whose a session is, and when it ends. */
export interface SharedSession {
	readonly user: string | null;
	/** Seconds that it waits for its client. */
	readonly patience: number;
	/** Milliseconds since 1970, while its client is away; `null` for never. */
	readonly endsAt?: number | null;
}

export type Change =
	| { readonly kind: "session"; readonly id: string; readonly session: SharedSession }
	| { readonly kind: "dropped"; readonly id: string }
	| { readonly kind: "access" };

/** Of mqemitter-redis, what is used here. */
interface Emitter {
	on(topic: string, listener: (packet: { payload: Buffer }, done: () => void) => void, done: () => void): void;
	emit(packet: object, done: () => void): void;
}

const SECRET = "flowbroker:secret";
const SESSIONS = "flowbroker:sessions";
const ACCESS = "flowbroker:access";

export class RedisLink {
	readonly #options: RedisOptions;
	readonly #problem: (problem: StoreProblem) => void;
	readonly #self = randomUUID();
	readonly #listeners: ((change: Change) => void)[] = [];
	#packages: RedisPackages | undefined;
	#data: RedisConnection | undefined;
	/** Those that aedes closes. */
	#lent: RedisConnection[] = [];
	#emitter: Emitter | undefined;
	/** Where changes are told: nobody else knows the topic. */
	#topic = "";
	#failing = false;

	constructor(options: RedisOptions, problem: (problem: StoreProblem) => void) {
		this.#options = options;
		this.#problem = problem;
	}

	/** @throws FlowbrokerError REDIS_MISSING, REDIS_UNREACHABLE */
	async open(): Promise<void> {
		this.#packages = loadRedisPackages(this.#options.modules);
		this.#failing = false;
		this.#data = await this.#connect(true);
		await this.#data.setnx(SECRET, randomUUID());
		this.#topic = `$flowbroker/${await this.#data.get(SECRET)}`;
	}

	async close(): Promise<void> {
		this.#emitter = undefined;
		const data = this.#data;
		this.#data = undefined;
		data?.disconnect();
	}

	/** A persistence and a message emitter for aedes, each with connections of its own. */
	async backends(): Promise<{ persistence: object; mq: object }> {
		const packages = this.#packages;
		if (!packages) throw new Error("the link to Redis is not open");
		const [conn, subConn, pubConn] = [
			await this.#connect(false),
			await this.#connect(false),
			await this.#connect(false),
		];
		this.#lent = [conn, subConn, pubConn];
		for (const connection of this.#lent) neverRejectsQuit(connection);
		// As aedes would make one.
		const mq = packages.emitter({ subConn, pubConn, matchEmptyLevels: true }) as Emitter & object;
		await new Promise<void>((resolve) => mq.on(this.#topic, (packet, done) => this.#heard(packet, done), resolve));
		this.#emitter = mq;
		return { persistence: packages.persistence({ conn }), mq };
	}

	/** Cuts the connections of aedes. */
	giveUp(): void {
		for (const connection of this.#lent.splice(0)) connection.disconnect();
	}

	/** Called for changes that other processes made. */
	onChange(listener: (change: Change) => void): void {
		this.#listeners.push(listener);
	}

	sessions(): Promise<Record<string, string>> {
		return this.#open().hgetall(SESSIONS);
	}

	keepSession(id: string, session: SharedSession): void {
		this.#told({ kind: "session", id, session }, this.#open().hset(SESSIONS, id, JSON.stringify(session)));
	}

	dropSession(id: string): void {
		this.#told({ kind: "dropped", id }, this.#open().hdel(SESSIONS, id));
	}

	/** The users, groups and rules as JSON; `null` where nobody has put any. */
	access(): Promise<string | null> {
		return this.#open().get(ACCESS);
	}

	putAccess(document: string): void {
		this.#told({ kind: "access" }, this.#open().set(ACCESS, document));
	}

	#open(): RedisConnection {
		if (!this.#data) throw new Error("the link to Redis is not open");
		return this.#data;
	}

	/** Commands wait while Redis is away: what they promise is promised when it is back. */
	async #connect(watched: boolean): Promise<RedisConnection> {
		const { url, ca } = this.#options;
		const options = { lazyConnect: true, maxRetriesPerRequest: null, ...(ca !== undefined && { tls: { ca } }) };
		const connection = this.#packages?.connect(url, options) as RedisConnection;
		let cause: Error | undefined;
		connection.on("error", (error: never) => {
			cause = error;
		});
		connection.on("close", () => {
			if (watched && this.#data) this.#fail(cause ?? new Error("the connection was closed"));
		});
		connection.on("ready", () => {
			if (watched) this.#works();
		});
		try {
			await connection.connect();
		} catch (error) {
			connection.disconnect();
			throw new FlowbrokerError(
				"REDIS_UNREACHABLE",
				`Redis at ${new URL(url).host} can't be reached: ${(cause ?? (error as Error)).message}.`,
				{ cause: error },
			);
		}
		return connection;
	}

	#fail(cause: Error): void {
		if (this.#failing) return;
		this.#failing = true;
		const sentence = `Redis at ${new URL(this.#options.url).host} is away: nothing is acknowledged until it is back.`;
		this.#problem({ kind: "failing", error: new FlowbrokerError("STORE_FAILING", sentence, { cause }) });
	}

	#works(): void {
		if (!this.#failing) return;
		this.#failing = false;
		this.#problem({ kind: "working" });
	}

	/** The others hear of it when Redis has it. */
	#told(change: Change, written: Promise<unknown>): void {
		void written
			.then(() => {
				const payload = Buffer.from(JSON.stringify({ from: this.#self, change }));
				this.#emitter?.emit({ cmd: "publish", topic: this.#topic, payload, qos: 0, retain: false }, () => {});
			})
			.catch((error: Error) => this.#fail(error));
	}

	#heard({ payload }: { payload: Buffer }, done: () => void): void {
		const { from, change } = JSON.parse(payload.toString()) as { from: string; change: Change };
		if (from !== this.#self) for (const listener of this.#listeners) listener(change);
		done();
	}
}

/** The packages don't listen to how their goodbye goes: one that a Redis away can't answer must not end the process. */
function neverRejectsQuit(connection: RedisConnection): void {
	const quit = connection.quit.bind(connection);
	connection.quit = () => quit().catch(() => "OK");
}
