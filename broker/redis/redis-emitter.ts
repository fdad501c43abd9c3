/** The matcher of an engine that is one of several: what it is given goes to Redis, what Redis tells to listeners. */

import { TrieEmitter } from "../engine/aedes/trie-emitter";

export interface Publication {
	readonly topic: string;
	readonly qos: number;
}

export class RedisEmitter extends TrieEmitter {
	readonly #publish: (packet: Publication) => Promise<void>;
	readonly #internal: string;

	/**
	 * @param internal topics below it are the engine's own notices, which nobody needs
	 * @param publish gives a message with QoS 0 to Redis; the others are there already
	 */
	constructor(internal: string, publish: (packet: Publication) => Promise<void>) {
		super(internal);
		this.#internal = internal;
		this.#publish = publish;
	}

	override emit(packet: Publication, done: (error?: Error) => void = () => {}): void {
		if (packet.qos > 0 || packet.topic.startsWith(this.#internal)) done();
		else this.#publish(packet).then(() => done(), done);
	}

	/** Hands a message that was heard to the listeners. */
	deliver(packet: Publication): void {
		super.emit(packet);
	}
}
