/** Retained messages in a tree of topic levels, so that a filter visits only where it can match. */

import type { MessageProperties } from "../message";
import { isExpired } from "./expiry";
import type { StoredMessage } from "./store";

/** What the broker tells of itself: neither clients nor limits have a say in it. */
export function isOfBroker(topic: string): boolean {
	return topic.startsWith("$SYS/");
}

/** Bytes that a property counts for that is a number. */
const NUMBER_SIZE = 4;

interface Node {
	readonly children: Map<string, Node>;
	message: StoredMessage | undefined;
}

export class RetainedTree {
	readonly #root: Node = { children: new Map(), message: undefined };
	#count = 0;
	#bytes = 0;
	/** Of both, the broker's own. */
	#ownCount = 0;
	#ownBytes = 0;
	/** No message expires before; milliseconds since 1970. */
	#nextExpiry = Number.POSITIVE_INFINITY;

	get count(): number {
		return this.#count;
	}

	/** Bytes of topics and payloads. */
	get bytes(): number {
		return this.#bytes;
	}

	/** Those that count for the limits. */
	get ofClients(): { readonly count: number; readonly bytes: number } {
		return { count: this.#count - this.#ownCount, bytes: this.#bytes - this.#ownBytes };
	}

	get(topic: string): StoredMessage | undefined {
		let node: Node | undefined = this.#root;
		for (const level of topic.split("/")) node = node?.children.get(level);
		return node?.message;
	}

	set(message: StoredMessage): void {
		let node = this.#root;
		for (const level of message.topic.split("/")) {
			let child = node.children.get(level);
			if (!child) {
				child = { children: new Map(), message: undefined };
				node.children.set(level, child);
			}
			node = child;
		}
		if (node.message) this.#add(node.message, -1);
		node.message = message;
		this.#add(message, 1);
		this.#watchExpiry(message);
	}

	delete(topic: string): boolean {
		const levels = topic.split("/");
		const path = [this.#root];
		for (const level of levels) {
			const child = path.at(-1)?.children.get(level);
			if (!child) return false;
			path.push(child);
		}
		const last = path.at(-1) as Node;
		if (!last.message) return false;
		this.#add(last.message, -1);
		last.message = undefined;
		for (let depth = levels.length; depth > 0; depth--) {
			const node = path[depth] as Node;
			if (node.message || node.children.size > 0) break;
			path[depth - 1]?.children.delete(levels[depth - 1] as string);
		}
		return true;
	}

	/** One after the other, also while the tree changes: what does not change is among them. */
	all(): Generator<StoredMessage> {
		return below(this.#root);
	}

	/** Messages whose time is over; `undefined` for each other one, so that a long walk can pause. */
	*expired(now: number): Generator<StoredMessage | undefined> {
		if (this.#nextExpiry > now) return;
		this.#nextExpiry = Number.POSITIVE_INFINITY;
		let isDone = false;
		try {
			for (const message of this.all()) {
				const isOver = isExpired(message, now);
				if (!isOver) this.#watchExpiry(message);
				yield isOver ? message : undefined;
			}
			isDone = true;
		} finally {
			// Nobody knows what the rest of a walk that was given up would have found.
			if (!isDone) this.#nextExpiry = now;
		}
	}

	/** What the filter selects, in the order of the tree. */
	select(filter: string): StoredMessage[] {
		const found: StoredMessage[] = [];
		visit(this.#root, filter.split("/"), 0, found);
		return found;
	}

	#add(message: StoredMessage, sign: 1 | -1): void {
		const bytes = sign * size(message);
		this.#count += sign;
		this.#bytes += bytes;
		if (!isOfBroker(message.topic)) return;
		this.#ownCount += sign;
		this.#ownBytes += bytes;
	}

	#watchExpiry({ expiresAt }: StoredMessage): void {
		if (expiresAt !== undefined && expiresAt < this.#nextExpiry) this.#nextExpiry = expiresAt;
	}
}

function* below(node: Node): Generator<StoredMessage> {
	if (node.message) yield node.message;
	for (const child of node.children.values()) yield* below(child);
}

/** A wildcard on the first level does not select topics that start with `$`. [MQTT-4.7.2-1] */
function visit(node: Node, levels: readonly string[], depth: number, found: StoredMessage[]): void {
	const level = levels[depth];
	if (level === undefined) {
		if (node.message) found.push(node.message);
		return;
	}
	if (level !== "#" && level !== "+") {
		const child = node.children.get(level);
		if (child) visit(child, levels, depth + 1, found);
		return;
	}
	if (level === "#" && node.message) found.push(node.message);
	for (const [name, child] of node.children) {
		if (depth === 0 && name.startsWith("$")) continue;
		visit(child, levels, level === "#" ? depth : depth + 1, found);
	}
}

/** Bytes that a message counts for. */
export function size({ topic, payload, properties }: StoredMessage): number {
	return topic.length + payload.length + (properties ? propertiesSize(properties) : 0);
}

function propertiesSize({ userProperties, ...others }: MessageProperties): number {
	let bytes = 0;
	for (const value of Object.values(others)) bytes += valueSize(value);
	for (const [name, value] of Object.entries(userProperties ?? {})) {
		for (const one of [value].flat()) bytes += name.length + valueSize(one);
	}
	return bytes;
}

function valueSize(value: unknown): number {
	return typeof value === "string" || Buffer.isBuffer(value) ? value.length : NUMBER_SIZE;
}
