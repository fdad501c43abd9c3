/** What processes tell each other besides messages. */

import type { QoS } from "../message";
import type { StoredSubscription } from "../store/store";

/** Whose a session is, and when it ends. */
export interface SharedSession {
	readonly user: string | null;
	/** Seconds that it waits for its client. */
	readonly patience: number;
	/** Milliseconds since 1970, while its client is away; `null` for never. */
	readonly endsAt?: number | null;
}

export type Change =
	| { readonly kind: "session"; readonly id: string; readonly session: SharedSession }
	| { readonly kind: "dropped"; readonly id: string }
	| { readonly kind: "subscribed"; readonly id: string; readonly subscriptions: readonly StoredSubscription[] }
	| { readonly kind: "unsubscribed"; readonly id: string; readonly filters: readonly string[] }
	/**
	 * The client is at that process from now on; `claim`: the number of the claim among those of the process; `before`:
	 * where the client was, empty where it was nowhere.
	 */
	| {
			readonly kind: "claimed";
			readonly id: string;
			readonly process: string;
			readonly claim: number;
			readonly before: string;
	  }
	/** That process is done with the client. */
	| { readonly kind: "gone"; readonly id: string; readonly process: string }
	| { readonly kind: "access" };

/** How a queued message is to be delivered to a session; `size:expires:qos:retain:identifier`, each a number. */
export interface QueueEntry {
	readonly size: number;
	/** Milliseconds since 1970; 0 for never. */
	readonly expiresAt: number;
	readonly qos: QoS;
	readonly retain: boolean;
	readonly identifier: number | undefined;
}

export function entryText({ size, expiresAt, qos, retain, identifier = 0 }: QueueEntry): string {
	return [size, expiresAt, qos, Number(retain), identifier].join(":");
}

export function entryOf(text: string): QueueEntry {
	const [size = 0, expiresAt = 0, qos = 0, retain = 0, identifier = 0] = text.split(":").map(Number);
	return { size, expiresAt, qos: qos as QoS, retain: retain === 1, identifier: identifier || undefined };
}
