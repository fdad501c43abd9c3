/** All sessions by client id, connected or not. */

import type { LimitOptions } from "../../limits";
import type { Store, StoredSubscription } from "../../store/store";
import type { EngineHooks } from "../engine";
import { Absences } from "./absences";
import { Outflow } from "./outflow";
import type { Publisher } from "./publisher";
import type { Router, Subscription } from "./router";
import { Session } from "./session";
import type { Wills } from "./wills";

export class Sessions {
	readonly #hooks: EngineHooks;
	readonly #store: Store;
	readonly #limits: LimitOptions;
	readonly #router: Router;
	readonly #wills: Wills;
	readonly #publisher: Publisher;
	readonly #sessions = new Map<string, Session>();
	readonly #absences = new Absences((clientId) => this.#expire(clientId));

	constructor(
		hooks: EngineHooks,
		store: Store,
		limits: LimitOptions,
		router: Router,
		wills: Wills,
		publisher: Publisher,
	) {
		this.#hooks = hooks;
		this.#store = store;
		this.#limits = limits;
		this.#router = router;
		this.#wills = wills;
		this.#publisher = publisher;
	}

	/** How many wait for their clients. */
	get absent(): number {
		return this.#absences.count;
	}

	/** Takes up what an earlier process left in the store. */
	start(): void {
		for (const { clientId, seconds } of this.#store.absentees()) {
			const session = this.#make(clientId);
			session.user = this.#store.sessionUser(clientId) ?? null;
			for (const subscription of this.#store.subscriptions(clientId)) this.#list(session, subscription);
			this.#absences.left(clientId, Math.max(0, seconds));
		}
	}

	stop(): void {
		this.#absences.stop();
		for (const session of [...this.#sessions.values()]) this.#forget(session);
	}

	get(clientId: string): Session | undefined {
		return this.#sessions.get(clientId);
	}

	/**
	 * The session for a client that logs in: its old one, or a new one.
	 * @param wantsOld it did not ask for a clean start
	 */
	open(clientId: string, user: string | null, wantsOld: boolean): { session: Session; isOld: boolean } {
		const old = this.#sessions.get(clientId);
		// One that belonged to somebody else was dropped from the store by the one who judges that.
		if (old && wantsOld && old.user === user && this.#store.hasSession(clientId)) {
			this.#absences.back(clientId);
			return { session: old, isOld: true };
		}
		if (old) this.end(old);
		this.#store.dropSession(clientId);
		const session = this.#make(clientId);
		session.user = user;
		return { session, isOld: false };
	}

	/** Its client has left; the session waits, or is over. */
	left(session: Session): void {
		const { id, expiry } = session;
		for (const shared of session.outflow.takeShared(false)) this.#publisher.shareAgain(shared);
		if (expiry === 0) {
			this.end(session);
			return;
		}
		this.#store.leaveSession(id, expiry);
		if (this.#absences.count >= this.#limits.absentSessions) this.#expire(id);
		else this.#absences.left(id, expiry);
	}

	/** Forgets everything about it. */
	end(session: Session): void {
		const shared = session.outflow.takeShared(true);
		this.#forget(session);
		this.#absences.back(session.id);
		this.#store.dropSession(session.id);
		this.#wills.sessionOver(session.id);
		for (const one of shared) this.#publisher.shareAgain(one);
	}

	/** @returns whether it is a new one, and not one in place of another */
	subscribe(session: Session, subscription: StoredSubscription): boolean {
		const before = session.subscriptions.get(subscription.filter);
		if (before) this.#router.remove(before);
		this.#list(session, subscription);
		if (session.expiry > 0) this.#store.subscribe(session.id, [subscription]);
		return before === undefined;
	}

	/** @returns false when there is no such subscription */
	unsubscribe(session: Session, filter: string): boolean {
		const subscription = session.subscriptions.get(filter);
		if (!subscription) return false;
		this.#router.remove(subscription);
		session.subscriptions.delete(filter);
		if (session.expiry > 0) this.#store.unsubscribe(session.id, [filter]);
		return true;
	}

	#make(clientId: string): Session {
		const session = new Session(clientId, new Outflow(clientId, this.#store));
		this.#sessions.set(clientId, session);
		return session;
	}

	#list(session: Session, subscription: StoredSubscription): void {
		const listed: Subscription = { identifier: undefined, ...subscription, session };
		session.subscriptions.set(subscription.filter, listed);
		this.#router.add(listed);
	}

	#forget(session: Session): void {
		for (const subscription of session.subscriptions.values()) this.#router.remove(subscription);
		session.subscriptions.clear();
		if (this.#sessions.get(session.id) === session) this.#sessions.delete(session.id);
	}

	#expire(clientId: string): void {
		const session = this.#sessions.get(clientId);
		if (!session) return;
		this.end(session);
		this.#hooks.expired(clientId);
	}
}
