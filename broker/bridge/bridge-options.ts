/** The settings of a bridge, checked and complete, and what it needs of the way to the other broker. */

import type { Duplex } from "node:stream";
import type { FlowbrokerError } from "../errors";
import type { LinkEnd, LinkOptions } from "./link";
import type { BridgeRule } from "./rules";

export interface BridgeOptions {
	/** Belongs to this bridge alone, among all bridges of its broker: the folder of its store is named after it. */
	readonly id: string;
	/** For people. */
	readonly name: string;
	readonly rules: readonly BridgeRule[];
	readonly start: "automatic" | "lazy" | "once";
	/** Lazy: messages that must wait before it connects. */
	readonly startThreshold: number;
	/** Lazy: milliseconds without a message after which it leaves. */
	readonly idleTimeout: number;
	readonly protocolVersion: "auto" | 3 | 4 | 5;
	/** Before MQTT 5: try to be known as a bridge. */
	readonly tryPrivate: boolean;
	readonly roundRobin: boolean;
	readonly notifications: { readonly topic: string; readonly localOnly: boolean } | undefined;
	readonly outgoingRetain: boolean;
	readonly attemptUnsubscribe: boolean;
	readonly loopGuard: boolean;
	/** In whose name messages cross; undefined: everything may. */
	readonly user: string | undefined;
	readonly queue: BridgeQueue;
	readonly link: Omit<LinkOptions, "version" | "bridgeBit" | "will">;
}

/** What may wait for the connection. */
export interface BridgeQueue {
	readonly messages: number;
	readonly bytes: number;
	readonly drop: "newest" | "oldest";
	readonly qos0: boolean;
}

/** The other broker, at one or several addresses; the first one is preferred. */
export interface BridgeRemote {
	/** Names of the addresses, for people. */
	readonly servers: readonly string[];
	/** A stream that may be written to at once. */
	open(server: number): Duplex;
	/** Does anything listen there? */
	isThere(server: number): Promise<boolean>;
	/** @param failures since the last connection that lasted, this one too */
	explain(server: number, end: LinkEnd, failures: number): FlowbrokerError;
	/** @param failures since the last connection that lasted. @returns milliseconds until the next attempt */
	pause(failures: number): number;
	/** Milliseconds after which a connection has lasted. */
	readonly lasting: number;
	/** Milliseconds between two looks whether the preferred address is back. */
	readonly lookEvery: number;
}

/**
 * - `idle`: lazy, and nothing waits.
 * - `away`: not reached; it is tried again.
 * - `ended`: its only connection has ended.
 */
export type BridgePhase = "stopped" | "idle" | "connecting" | "connected" | "away" | "ended";

/** How a bridge is doing. */
export interface BridgeState {
	readonly id: string;
	readonly name: string;
	readonly phase: BridgePhase;
	/** The address that is connected, or was tried last. */
	readonly server: string | undefined;
	/** 3 is MQTT 3.1, 4 is 3.1.1; while it is connected. */
	readonly protocolVersion: 3 | 4 | 5 | undefined;
	readonly rules: number;
	/** Messages that wait, or lack their acknowledgement. */
	readonly waiting: number;
	/** Messages that were given up since the start. */
	readonly dropped: number;
	/** What is wrong now. */
	readonly error: FlowbrokerError | undefined;
}
