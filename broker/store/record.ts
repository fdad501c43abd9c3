/** The changes of a store as plain data: a store is what all its records, one after the other, make of nothing. */

import type { QueuedMessage, StoredMessage, StoredSubscription, StoredWill } from "./store";

/**
 * A record says what became of something, not what was asked for, so that it holds whatever the limits are later.
 * Doing a series of records twice leaves the same state as doing it once: a journal may overlap with a snapshot.
 */
export type StoreRecord =
	| { readonly kind: "retained"; readonly message: StoredMessage }
	| { readonly kind: "cleared"; readonly topic: string }
	/** @see {@link Store.keepSession} */
	| {
			readonly kind: "session";
			readonly clientId: string;
			readonly user: string | null;
			/** Seconds that it waits for its client. */
			readonly patience: number;
	  }
	/** The client is away, and its session ends at that moment: milliseconds since 1970, null for never. */
	| { readonly kind: "away"; readonly clientId: string; readonly expiresAt: number | null }
	| { readonly kind: "dropped"; readonly clientId: string }
	| { readonly kind: "subscribed"; readonly clientId: string; readonly subscription: StoredSubscription }
	| { readonly kind: "unsubscribed"; readonly clientId: string; readonly filter: string }
	| { readonly kind: "queued"; readonly clientId: string; readonly entry: QueuedMessage }
	| { readonly kind: "sent"; readonly clientId: string; readonly key: string; readonly packetId: number }
	| { readonly kind: "released"; readonly clientId: string; readonly key: string }
	| { readonly kind: "unqueued"; readonly clientId: string; readonly key: string }
	| { readonly kind: "received"; readonly clientId: string; readonly packetId: number }
	| { readonly kind: "completed"; readonly clientId: string; readonly packetId: number }
	| { readonly kind: "will"; readonly clientId: string; readonly will: StoredWill }
	| { readonly kind: "willOver"; readonly clientId: string };
