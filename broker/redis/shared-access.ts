/** Keeps the users, groups and rules of all processes the same: each has its file, and Redis has what was changed last. */

import type { AccessStore } from "../access/access-store";
import type { AccessDocument } from "../access/model";
import type { RedisLink } from "./redis-link";

export class SharedAccess {
	readonly #link: RedisLink;
	readonly #users: AccessStore;
	readonly #fault: (error: Error) => void;
	/** As Redis has it. */
	#known: string | null = null;
	#stopWatching: (() => void) | undefined;

	/** @param fault is told when a change could not be taken over */
	constructor(link: RedisLink, users: AccessStore, fault: (error: Error) => void) {
		this.#link = link;
		this.#users = users;
		this.#fault = fault;
		link.onChange(({ kind }) => {
			if (kind === "access") void this.#take().catch(fault);
		});
	}

	async start(): Promise<void> {
		await this.#take();
		if (this.#known === null) this.#put();
		this.#stopWatching = this.#users.onChange(() => this.#put());
	}

	stop(): void {
		this.#stopWatching?.();
	}

	async #take(): Promise<void> {
		const text = await this.#link.access();
		if (text === null || text === this.#known) return;
		this.#known = text;
		if (text === this.#mine()) return;
		await this.#users.replaceDocument(JSON.parse(text) as AccessDocument).catch(this.#fault);
	}

	#put(): void {
		const mine = this.#mine();
		if (mine === this.#known) return;
		this.#known = mine;
		this.#link.putAccess(mine);
	}

	#mine(): string {
		return JSON.stringify(this.#users.exportDocument());
	}
}
