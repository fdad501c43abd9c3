/** Puts a broker on Redis together: the engine on aedes, and what it shares with the engines of other processes. */

import { setTimeout as wait } from "node:timers/promises";
import { sharedAedesEngine } from "../engine/aedes/aedes-engine";
import type { SharedBackends, SharedHooks } from "../engine/aedes/shared-backends";
import type { EngineFactory } from "../engine/engine";
import type { LimitOptions } from "../limits";
import type { StoreEvents } from "../store/store";
import type { Change } from "./changes";
import { Claims } from "./claims";
import { Pulse } from "./pulse";
import { RedisEmitter } from "./redis-emitter";
import { RedisLink } from "./redis-link";
import type { RedisOptions } from "./redis-options";
import { heardPacket, RedisPersistence } from "./redis-persistence";
import { RedisStore } from "./redis-store";
import { decodeMessage } from "./shared-message";
import { SharedWills } from "./shared-wills";

/** Milliseconds for a Redis that is away to take what is left to say. */
const LONGEST_FAREWELL = 2_000;
/** Only a message has one: behind its first line comes the payload. */
const NEWLINE = "\n";

export class SharedBroker implements SharedBackends {
	readonly link: RedisLink;
	readonly store: OpenedWithLink;
	readonly engine: EngineFactory;
	readonly #persistence: RedisPersistence;
	readonly #claims: Claims;
	readonly #pulse: Pulse;
	readonly #listeners: ((change: Change) => void)[] = [];
	/** Changes that nobody waits for. */
	readonly #underWay = new Set<Promise<void>>();
	#loading: Promise<void> = Promise.resolve();
	#hooks: SharedHooks | undefined;
	#emitter: RedisEmitter | undefined;

	constructor(options: RedisOptions, limits: LimitOptions, events: StoreEvents) {
		this.link = new RedisLink(options, {
			problem: (problem) => events.problem(problem),
			heard: (number, change) => this.#heard(number, change),
			missed: () => this.#do(this.#loadAgain()),
		});
		const { link } = this;
		this.store = new OpenedWithLink(link, limits, events, {
			keepSession: (id, session) => this.#do(link.run("keep", id, JSON.stringify(session))),
			dropSession: (id) => this.#do(link.run("drop", id, link.process)),
			expired: (topic, number) => this.#do(link.run("unretain", topic, number)),
		});
		const wills = new SharedWills(link);
		this.#persistence = new RedisPersistence(link, this.store, limits, events, wills);
		this.#claims = new Claims(link);
		this.#pulse = new Pulse(link, {
			buried: () => this.#hooks?.sendBack(),
			due: (id) => this.#do(wills.send(id, async (will) => this.#hooks?.publishWill(will))),
			beat: () => this.#expire(),
			fault: (error) => this.#hooks?.fault(error),
		});
		this.engine = sharedAedesEngine(this);
	}

	/** Called for every change that any process made. */
	onChange(listener: (change: Change) => void): void {
		this.#listeners.push(listener);
	}

	async open(hooks: SharedHooks, internal: string): Promise<{ mq: object; persistence: RedisPersistence }> {
		this.#hooks = hooks;
		this.#emitter = new RedisEmitter(internal, (packet) => this.#persistence.publish(packet as never));
		await this.#load();
		await this.#pulse.start();
		return { mq: this.#emitter, persistence: this.#persistence };
	}

	async close(): Promise<void> {
		const farewell = (async () => {
			while (this.#underWay.size > 0) await Promise.all(this.#underWay);
			await this.#pulse.stop();
		})().catch((error: Error) => this.#hooks?.fault(error));
		const late = new AbortController();
		await Promise.race([farewell, wait(LONGEST_FAREWELL, undefined, { signal: late.signal }).catch(() => {})]);
		late.abort();
		this.#hooks = undefined;
		this.#emitter = undefined;
	}

	fence(): Promise<void> {
		return this.link.fence();
	}

	claim(clientId: string, held: () => void): Promise<void> {
		return this.#claims.claim(clientId, held);
	}

	left(clientId: string, patience: number | undefined): void {
		this.#do(this.#claims.left(clientId, patience));
	}

	#heard(number: number, bytes: Buffer): void {
		if (bytes.includes(NEWLINE)) {
			const message = decodeMessage(bytes);
			this.store.takeMessage(number, message);
			if (message.process !== this.link.process) this.#hooks?.heard(message);
			this.#emitter?.deliver(heardPacket(number, message));
			return;
		}
		const change = JSON.parse(bytes.toString()) as Change;
		this.store.take(number, change);
		this.#claims.take(change);
		if (change.kind === "claimed" && change.process !== this.link.process) {
			const isHere = this.#hooks?.takenOver(change.id) ?? false;
			// The other process waits for it; it was here, and is not here any more.
			if (!isHere && change.before === this.link.process) this.left(change.id, undefined);
		}
		for (const listener of this.#listeners) listener(change);
	}

	async #load(): Promise<void> {
		this.link.loaded(this.store.load(await this.link.run("load")));
	}

	#loadAgain(): Promise<void> {
		this.#loading = this.#loading
			.catch(() => {})
			.then(async () => {
				await this.#load();
				this.#hooks?.sendBack();
			});
		return this.#loading;
	}

	/** Sessions whose time is over; one of the processes ends each. */
	#expire(): void {
		for (const { clientId, seconds } of this.store.absentees()) {
			if (seconds > 0) continue;
			this.#do(
				this.link.run("expire", clientId, Date.now()).then((isEnded) => {
					if (isEnded === 1) this.#hooks?.expired(clientId);
				}),
			);
		}
	}

	#do(step: Promise<unknown>): void {
		const done = step
			.then(
				() => {},
				(error: Error) => this.#hooks?.fault(error),
			)
			.finally(() => this.#underWay.delete(done));
		this.#underWay.add(done);
	}
}

/** The link is open while the store is. */
class OpenedWithLink extends RedisStore {
	readonly #link: RedisLink;

	constructor(link: RedisLink, ...words: ConstructorParameters<typeof RedisStore>) {
		super(...words);
		this.#link = link;
	}

	override async open(): Promise<void> {
		await super.open();
		await this.#link.open();
	}

	override async close(): Promise<void> {
		this.#link.close();
		await super.close();
	}
}
