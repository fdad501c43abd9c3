/** A client of the aedes engine as the rest of the broker sees it. */

import type { Duplex } from "node:stream";
import type { SessionAccess } from "../../access/access";
import type { QoS } from "../../message";
import type { EngineClient, EngineSubscription, Peer } from "../engine";
import type { Traffic } from "../traffic";
import type { GuardedStream } from "./guarded-stream";

/** A connection, from accept to its end; it becomes a client with the login. */
export interface Visitor {
	readonly stream: GuardedStream;
	readonly peer: Peer;
	client: AedesClient | undefined;
	/** The engine knows it under its client id. */
	registered: boolean;
	/** Ends its turn to log in with its client id. */
	endTurn: () => void;
	/** From CONNECT, before anything is decided. */
	clientId: string | undefined;
	/** Seconds, from CONNECT. */
	keepalive?: number;
	/** Its client id among several processes: it has been asked for, or is held here. */
	claim?: "asked" | "held";
	/** From CONNECT: nothing of an earlier session is wanted. */
	cleanStart?: boolean;
}

/** The properties of aedes's own client object that are read here. */
interface Below {
	readonly id: string;
	readonly version: number;
	readonly clean: boolean;
	readonly conn: Duplex;
	/** CONNACK and the queue are out. */
	readonly connected: boolean;
	readonly sessionExpiryInterval: number;
	disconnect(options: { reasonCode: number }, done?: () => void): void;
}

/** The stream of a connection remembers its client, also after the connection is gone: a will is sent then. */
const CLIENT = Symbol("flowbroker client");

export class AedesClient implements EngineClient {
	readonly id: string;
	readonly peer: Peer;
	readonly protocolVersion: 3 | 4 | 5;
	readonly keepalive: number;
	readonly clean: boolean;
	readonly connectedAt = Date.now();
	readonly stream: GuardedStream;
	/** Set when CONNECT is done. */
	loggedIn = false;
	/** Of its subscriptions. */
	readonly filters = new Set<string>();
	readonly #below: Below;

	constructor(
		below: Below,
		visitor: Visitor,
		readonly access: SessionAccess,
	) {
		this.#below = below;
		this.stream = visitor.stream;
		visitor.client = this;
		this.id = below.id;
		this.peer = visitor.peer;
		this.protocolVersion = below.version as 3 | 4 | 5;
		this.keepalive = visitor.keepalive ?? 0;
		this.clean = below.clean;
		Object.assign(below.conn, { [CLIENT]: this });
	}

	/** The client behind one of aedes's. */
	static of(below: { readonly conn: Duplex }): AedesClient | undefined {
		return (below.conn as { [CLIENT]?: AedesClient })[CLIENT];
	}

	/** Seconds that the session waits for the client; it may have changed them with its DISCONNECT. */
	get patience(): number {
		return this.#below.sessionExpiryInterval;
	}

	get traffic(): Readonly<Traffic> {
		return this.stream.traffic;
	}

	subscriptions(): EngineSubscription[] {
		const { subscriptions } = this.#below as unknown as { subscriptions: Record<string, { qos: QoS }> };
		return Object.entries(subscriptions).map(([filter, { qos }]) => ({ filter, qos }));
	}

	/** May it have this subscription, or one more? */
	maySubscribe(filter: string, most: number): boolean {
		return this.filters.size < most || this.filters.has(filter);
	}

	disconnect(reasonCode: number, reason: string): void {
		this.stream.endReason = reason;
		if (this.#below.connected) this.#below.disconnect({ reasonCode });
		// aedes would say nothing while the queue is on its way.
		else this.stream.refuse({ reasonCode, text: reason });
	}
}
