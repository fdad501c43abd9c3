/**
 * The matcher that aedes hands its publications to, in place of its own mqemitter: a topic trie, no waiting line.
 *
 * Every delivery goes into a bounded buffer of its client (outbox.ts), so there is nothing to wait for: `done` is
 * called at once, and a slow subscriber does not hold up those who share its publisher.
 */

import { TopicTrie } from "../../topic-trie";

/** Only the topic is looked at here. */
interface Publication {
	readonly topic: string;
}

type Listener = (packet: Publication, done: () => void) => void;

export class TrieEmitter {
	readonly #listeners = new TopicTrie<Listener>();
	/** aedes reads these two of an mqemitter. */
	readonly current = 0;
	readonly concurrent = 0;
	#closed = false;

	/** @param internalPrefix topics below it are the engine's own notices: only listeners for `$SYS/+/...` get them */
	constructor(readonly internalPrefix: string) {}

	on(filter: string, listener: Listener, done?: () => void): this {
		this.#listeners.add(filter, listener);
		if (done) setImmediate(done);
		return this;
	}

	removeListener(filter: string, listener: Listener, done?: () => void): void {
		this.#listeners.remove(filter, listener);
		if (done) setImmediate(done);
	}

	emit(packet: Publication, done?: (error?: Error) => void): void {
		if (this.#closed) {
			done?.(new Error("the broker is stopped"));
			return;
		}
		if (!packet.topic.startsWith(this.internalPrefix)) {
			for (const listener of this.#listeners.match(packet.topic)) listener(packet, ignore);
		}
		done?.();
	}

	close(done: () => void): void {
		this.#closed = true;
		setImmediate(done);
	}
}

function ignore(): void {}
