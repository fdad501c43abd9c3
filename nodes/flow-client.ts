/** What the nodes of a flow have of a broker, wherever it runs. */

import type { Delivery, FlowbrokerError, LocalSubscribeOptions, LocalSubscription, Message } from "../broker";

export interface FlowSubscribeOptions extends LocalSubscribeOptions {
	/** Another broker answers late: called when it refuses, and with `undefined` when that is over. */
	answered?: (problem: FlowbrokerError | undefined) => void;
}

export interface FlowSubscription extends LocalSubscription {
	/** @param leaving the node goes, as in a deploy: a session of another broker may keep the subscription */
	close(leaving?: boolean): void;
}

/** How the messages of one node may wait while they can't be sent. The object stands for the node. */
export interface NodeQueue {
	/** At the most; undefined: as many as the broker's settings allow. */
	readonly messages: number | undefined;
	/**
	 * When there are too many: give up the `newest` or the `oldest`; undefined: what the broker's settings say.
	 * `refuse`: none may wait for a connection.
	 */
	readonly drop: "newest" | "oldest" | "refuse" | undefined;
}

export interface PublishOptions {
	/** Undefined: the broker's settings count. */
	readonly queue?: NodeQueue;
	/** Called when the message has to wait, before `done`. */
	readonly queued?: () => void;
}

export interface PublishResult {
	/** With which the broker has acknowledged or refused; undefined where it tells none. */
	readonly reasonCode?: number;
}

export type PublishDone = (error?: FlowbrokerError, result?: PublishResult) => void;

/** What a node publishes and subscribes with: a client inside the process, or a connection to another broker. */
export interface FlowClient {
	/** The connection speaks MQTT before version 5: properties of a message do not travel. */
	readonly withoutProperties?: boolean;
	/** @param done called once: the broker has the message, or a {@link FlowbrokerError} */
	publish(message: Message, done?: PublishDone, options?: PublishOptions): void;
	/**
	 * One subscription with one or several filters: a publication that several of them select arrives once.
	 * @throws FlowbrokerError FILTER_INVALID, and NOT_ALLOWED from a broker in this process
	 */
	subscribe(
		filters: readonly string[],
		options: FlowSubscribeOptions,
		receive: (delivery: Delivery) => void,
	): FlowSubscription;
}
