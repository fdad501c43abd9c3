/** Publishes: keeps what is retained, gives every receiver its copy, and tells the hooks. */

import { randomBytes } from "node:crypto";
import type { Message, QoS } from "../../message";
import type { Store, StoredMessage } from "../../store/store";
import type { EngineHooks } from "../engine";
import type { SharedMessage } from "./outflow";
import { forSession, Publication } from "./publication";
import type { Router, Target } from "./router";
import type { Session } from "./session";
import type { ShareGroup } from "./share-group";

interface Waiting {
	readonly message: Message;
	readonly from: Session | undefined;
	readonly origin: string | undefined;
	readonly done: (() => void) | undefined;
}

export class Publisher {
	readonly #hooks: EngineHooks;
	readonly #store: Store;
	readonly #router: Router;
	/** Starts the names of publications: another one in each process. */
	readonly #run = randomBytes(6).toString("base64url");
	#count = 0;
	#busy = false;
	/** Those that are published, and at which of them it is. */
	readonly #later: Waiting[] = [];
	#next = 0;

	constructor(hooks: EngineHooks, store: Store, router: Router) {
		this.#hooks = hooks;
		this.#store = store;
		this.#router = router;
	}

	/** What a client publishes: what was here before goes nowhere. */
	arrived(message: Message, from: Session): void {
		const arriving = this.#hooks.arriving(message);
		if (arriving) this.publish(arriving, from, undefined);
	}

	/**
	 * A hook may publish in its turn: that goes out when this one has reached everybody, so that all see the same order.
	 * @param from whose session published; undefined for this process, and for a will
	 * @param done is called when every copy was handed on, and the hooks were told, within the same turn of the event loop
	 */
	publish(message: Message, from: Session | undefined, origin: string | undefined, done?: () => void): void {
		this.#later.push({ message, from, origin, done });
		if (this.#busy) return;
		this.#busy = true;
		try {
			for (let next = this.#take(); next; next = this.#take()) this.#one(next);
		} finally {
			this.#busy = false;
		}
	}

	#take(): Waiting | undefined {
		const next = this.#later[this.#next++];
		if (next) return next;
		this.#later.length = 0;
		this.#next = 0;
		return undefined;
	}

	#one({ message, from, origin, done }: Waiting): void {
		this.#handOut(message, from);
		this.#hooks.published(message, from?.client, origin);
		done?.();
	}

	/** A shared message that its receiver did not take goes to another member of the group. */
	shareAgain({ group, message }: SharedMessage): void {
		this.#toGroup(group, new Publication(message, this));
	}

	/** A name for a message that no other has. */
	nextKey(): string {
		this.#count++;
		return `${this.#run}:${this.#count}`;
	}

	#handOut(message: Message, from: Session | undefined): void {
		const publication = new Publication(message, this);
		// What came with the flag is kept; what it says to those who are here now is that it is new.
		if (message.retain) this.#store.retain(publication.kept);
		const { targets, groups } = this.#router.route(message.topic);
		for (let at = 0; at < targets.length; at++) {
			const target = targets[at] as Target;
			if (target.noLocal && target.session === from) continue;
			this.#toTarget(publication, target);
		}
		for (const group of groups) this.#toGroup(group, publication);
	}

	#toTarget(publication: Publication, { session, qos, retainAsPublished, identifier, copy }: Target): void {
		const { message } = publication;
		const { client } = session;
		const retain = message.retain && retainAsPublished;
		if (qos === 0 || message.qos === 0) {
			if (client?.mayReceive(message.topic)) client.sendAtMostOnce(publication, retain, identifier);
			return;
		}
		if (client && !client.mayReceive(message.topic)) return;
		const lower = Math.min(message.qos, qos) as QoS;
		const key = copy === 0 ? publication.key : `${publication.key}/${copy}`;
		session.outflow.add(key, forSession(storedFor(session, publication), lower, retain, identifier));
	}

	#toGroup(group: ShareGroup, publication: Publication): void {
		const { message } = publication;
		const member = group.pick(message.topic);
		if (!member) return;
		const { session, qos, retainAsPublished, identifier } = member;
		const retain = message.retain && retainAsPublished;
		if (qos === 0 || message.qos === 0) {
			session.client?.sendAtMostOnce(publication, retain, identifier);
			return;
		}
		const lower = Math.min(message.qos, qos) as QoS;
		const key = this.nextKey();
		session.outflow.add(key, forSession(storedFor(session, publication), lower, retain, identifier), group);
	}
}

/** What goes out at once need not be made fit for a long stay. */
function storedFor({ outflow }: Session, publication: Publication): StoredMessage {
	return outflow.hasRoom ? publication.passing : publication.kept;
}
