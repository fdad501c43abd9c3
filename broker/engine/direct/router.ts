/** Finds who gets a publication: the subscriptions of all sessions by topic, overlapping ones put together. */

import type { QoS } from "../../message";
import { TopicTrie } from "../../topic-trie";
import type { Session } from "./session";
import { ShareGroup } from "./share-group";

/** One subscription of a session. */
export interface Subscription {
	readonly session: Session;
	/** As the client wrote it. */
	readonly filter: string;
	readonly qos: QoS;
	readonly noLocal: boolean;
	readonly retainAsPublished: boolean;
	readonly retainHandling: 0 | 1 | 2;
	/** MQTT 5 subscription identifier. */
	readonly identifier: number | undefined;
}

/** One copy of a publication for one session. */
export interface Target extends Pick<Subscription, "session" | "qos" | "noLocal" | "retainAsPublished" | "identifier"> {
	/** Which of several copies for the same session it is; 0 for the first. */
	readonly copy: number;
}

export interface Route {
	readonly targets: readonly Target[];
	/** Of shared subscriptions: one member of each gets it. */
	readonly groups: readonly ShareGroup[];
}

/** Topics whose routes are remembered before it starts anew. */
const MOST_REMEMBERED = 4_096;
/** Longer topics, in characters, are not remembered. */
const LONGEST_REMEMBERED = 512;
const SHARE = "$share/";

export class Router {
	readonly #trie = new TopicTrie<Subscription | ShareGroup>({ cache: false });
	/** By the whole of `$share/<name>/<filter>`. */
	readonly #groups = new Map<string, ShareGroup>();
	readonly #routes = new Map<string, Route>();

	add(subscription: Subscription): void {
		const { filter } = subscription;
		const share = shareOf(filter);
		if (share) this.#group(filter, share.filter).add(subscription);
		else this.#trie.add(filter, subscription);
		this.#routes.clear();
	}

	remove(subscription: Subscription): void {
		const { filter } = subscription;
		const share = shareOf(filter);
		if (share) this.#leaveGroup(filter, share.filter, subscription);
		else this.#trie.remove(filter, subscription);
		this.#routes.clear();
	}

	route(topic: string): Route {
		const known = this.#routes.get(topic);
		if (known) return known;
		const route = routeOf(this.#trie.match(topic));
		if (topic.length > LONGEST_REMEMBERED) return route;
		if (this.#routes.size >= MOST_REMEMBERED) this.#routes.clear();
		this.#routes.set(topic, route);
		return route;
	}

	#group(filter: string, inner: string): ShareGroup {
		const known = this.#groups.get(filter);
		if (known) return known;
		const group = new ShareGroup();
		this.#groups.set(filter, group);
		this.#trie.add(inner, group);
		return group;
	}

	#leaveGroup(filter: string, inner: string, subscription: Subscription): void {
		const group = this.#groups.get(filter);
		if (!group) return;
		group.remove(subscription);
		if (group.size > 0) return;
		this.#groups.delete(filter);
		this.#trie.remove(inner, group);
	}
}

/** The parts of a shared subscription; undefined for any other. [MQTT-4.8.2] */
export function shareOf(filter: string): { name: string; filter: string } | undefined {
	if (!filter.startsWith(SHARE)) return undefined;
	const slash = filter.indexOf("/", SHARE.length);
	if (slash === -1) return undefined;
	return { name: filter.slice(SHARE.length, slash), filter: filter.slice(slash + 1) };
}

function routeOf(found: readonly (Subscription | ShareGroup)[]): Route {
	const groups: ShareGroup[] = [];
	const bySession = new Map<Session, Subscription[]>();
	for (const one of found) {
		if (one instanceof ShareGroup) {
			groups.push(one);
			continue;
		}
		const others = bySession.get(one.session);
		if (others) others.push(one);
		else bySession.set(one.session, [one]);
	}
	const targets: Target[] = [];
	for (const subscriptions of bySession.values()) targets.push(...copies(subscriptions));
	return { targets, groups };
}

/**
 * Where subscriptions of one session overlap, it gets one copy with the highest QoS. [MQTT-3.3.5-1] Where one of them
 * has an identifier, it gets a copy for each, with the QoS and the identifier of that one: MQTT 5 allows both, and some
 * clients drop a message that carries two identifiers. [MQTT-3.3.4-2]
 */
function copies(subscriptions: readonly Subscription[]): Target[] {
	const separate = subscriptions.some(({ identifier }) => identifier !== undefined);
	if (separate || subscriptions.length === 1) return subscriptions.map((one, copy) => ({ ...targetOf(one), copy }));
	return [subscriptions.map(targetOf).reduce(both)];
}

function targetOf({ session, qos, noLocal, retainAsPublished, identifier }: Subscription): Target {
	return { session, qos, noLocal, retainAsPublished, identifier, copy: 0 };
}

function both(one: Target, other: Target): Target {
	// What the client asked not to hear from itself by one filter it may hear by the other.
	const { noLocal, retainAsPublished } = one.qos >= other.qos ? one : other;
	return {
		...one,
		qos: Math.max(one.qos, other.qos) as QoS,
		noLocal: one.noLocal === other.noLocal ? noLocal : false,
		retainAsPublished,
	};
}
