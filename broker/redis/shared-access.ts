/** Keeps the users, groups and rules of all processes the same: each has its file, and Redis has what was changed last. */

import type { AccessStore } from "../access/access-store";
import type { AccessDocument } from "../access/model";
import { mergeAccess } from "./merge-access";
import type { SharedBroker } from "./shared-broker";

export class SharedAccess {
	readonly #shared: SharedBroker;
	readonly #users: AccessStore;
	readonly #fault: (error: Error) => void;
	/** As Redis has it. */
	#known: string | null = null;
	#stopWatching: (() => void) | undefined;
	/** One step after the other. */
	#order: Promise<void> = Promise.resolve();

	/** @param fault is told when a change could not be taken over */
	constructor(shared: SharedBroker, users: AccessStore, fault: (error: Error) => void) {
		this.#shared = shared;
		this.#users = users;
		this.#fault = fault;
		shared.onChange(({ kind }) => {
			if (kind === "access") void this.#inOrder(() => this.#take()).catch(fault);
		});
	}

	async start(): Promise<void> {
		await this.#inOrder(async () => {
			this.#known = null;
			await this.#take();
			if (this.#known === null) await this.#put();
		});
		this.#stopWatching = this.#users.onChange(() => void this.#inOrder(() => this.#put()).catch(this.#fault));
	}

	stop(): void {
		this.#stopWatching?.();
	}

	/** What another process has put; what was changed here in the meantime stays. */
	async #take(): Promise<void> {
		const text = await this.#shared.link.access();
		if (text === null || text === this.#known) return;
		const base = this.#known;
		this.#known = text;
		if (text === this.#mine()) return;
		const theirs = JSON.parse(text) as AccessDocument;
		await this.#users.update((mine) => (base === null ? theirs : mergeAccess(JSON.parse(base), mine, theirs)));
	}

	async #put(): Promise<void> {
		for (let mine = this.#mine(); mine !== this.#known; mine = this.#mine()) {
			const there = String(await this.#shared.link.run("putAccess", mine, this.#known ?? ""));
			if (there === "") this.#known = mine;
			// Another process was faster.
			else await this.#take();
		}
	}

	#mine(): string {
		return JSON.stringify(this.#users.exportDocument());
	}

	#inOrder(step: () => Promise<void>): Promise<void> {
		const result = this.#order.then(step);
		this.#order = result.catch(() => {});
		return result;
	}
}
