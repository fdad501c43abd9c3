/**
 * What is asked of a store that several processes share, answered from memory: whose each session is, and the retained
 * messages. Subscriptions, queues and wills are in Redis, with aedes's own backend.
 */

import { MemoryStore } from "../store/memory";
import { FOR_EVER, type StoreEvents, type StoreLimits } from "../store/store";
import type { RedisLink, SharedSession } from "./redis-link";

export class RedisStore extends MemoryStore {
	readonly #link: RedisLink;
	/** What other processes do is not told to them again. */
	#following = false;
	/** Removes what Redis has of a session. */
	#clean: (clientId: string) => void = () => {};

	constructor(limits: StoreLimits, events: StoreEvents, link: RedisLink) {
		super(limits, events);
		this.#link = link;
		link.onChange((change) => {
			if (change.kind === "session") this.#follow(() => this.#take(change.id, change.session));
			else if (change.kind === "dropped") this.#follow(() => super.dropSession(change.id));
		});
	}

	override async open(): Promise<void> {
		await super.open();
		await this.#link.open();
	}

	/** Takes up what Redis has, once changes are heard. */
	async load(): Promise<void> {
		for (const [id, text] of Object.entries(await this.#link.sessions())) {
			this.#follow(() => this.#take(id, JSON.parse(text) as SharedSession));
		}
	}

	override async close(): Promise<void> {
		await super.close();
		await this.#link.close();
		this.forgetAll();
	}

	/** An answer has to wait until aedes's backend has stored what it is about. */
	override get writesBehind(): boolean {
		return true;
	}

	/** @param clean removes what Redis has of a session */
	cleansWith(clean: (clientId: string) => void): void {
		this.#clean = clean;
	}

	override keepSession(clientId: string, user: string | null, patience: number): void {
		super.keepSession(clientId, user, patience);
		if (!this.#following) this.#link.keepSession(clientId, { user, patience });
	}

	override leaveSession(clientId: string, patience?: number): void {
		super.leaveSession(clientId, patience);
		if (this.#following) return;
		const user = this.sessionUser(clientId);
		if (user === undefined) return;
		const seconds = patience ?? FOR_EVER;
		const endsAt = seconds >= FOR_EVER ? null : Date.now() + seconds * 1_000;
		this.#link.keepSession(clientId, { user, patience: seconds, endsAt });
	}

	override dropSession(clientId: string): void {
		const isKnown = this.hasSession(clientId);
		super.dropSession(clientId);
		if (this.#following || !isKnown) return;
		this.#link.dropSession(clientId);
		this.#clean(clientId);
	}

	#take(id: string, { user, patience, endsAt }: SharedSession): void {
		this.keepSession(id, user, patience);
		if (endsAt === undefined) return;
		this.leaveSession(id, endsAt === null ? FOR_EVER : Math.max(0, (endsAt - Date.now()) / 1_000));
	}

	#follow(step: () => void): void {
		this.#following = true;
		try {
			step();
		} finally {
			this.#following = false;
		}
	}
}
