/**
 * Counts the connections of all listeners of a broker and says when there are too many. When the broker is full, who
 * has waited longest without a login makes room: a flood of connections that say nothing cannot lock others out.
 */

import { addressKey, isLoopbackAddress } from "../access/address";
import type { Peer } from "../engine/engine";
import type { LimitOptions } from "../limits";

export type GateLimits = Pick<LimitOptions, "connections" | "connectionsPerAddress" | "connectRate">;

/** Why a connection may not stay. */
export interface GateRefusal {
	/** The setting that does not let it in. */
	readonly limit: keyof GateLimits;
	/** For people. */
	readonly reason: string;
}

/** One connection, from accept to its end. */
export interface Pass {
	/** Counts it for its address, which a proxy may tell later. Limits of addresses do not hold for this machine. */
	come(address: string): GateRefusal | undefined;
	/** To be called when the connection has ended. */
	leave(): void;
}

interface Entry extends Pass {
	readonly close: () => void;
}

export class Gate {
	readonly #limits: GateLimits;
	/** Milliseconds of a clock that never goes back. */
	readonly #now: () => number;
	readonly #inside = new Set<Entry>();
	/** Those without a login, the oldest first. */
	readonly #waiting = new Set<Entry>();
	readonly #perAddress = new Map<string, number>();
	readonly #peers = new WeakMap<Peer, Pass>();
	/** New connections of the present second, by address. */
	readonly #rate = new Map<string, number>();
	#second = 0;

	constructor(limits: GateLimits, now: () => number = () => performance.now()) {
		this.#limits = limits;
		this.#now = now;
	}

	/** @param close ends the connection; called when it has to make room for another */
	enter(close: () => void): Pass | GateRefusal {
		if (this.#inside.size >= this.#limits.connections && !this.#makeRoom()) {
			return refusal("connections", `all ${this.#limits.connections} connections of this broker are in use`);
		}
		let key: string | undefined;
		const entry: Entry = {
			close,
			come: (address) => {
				if (isLoopbackAddress(address)) return undefined;
				const refused = this.#tooMany(addressKey(address));
				if (!refused) {
					key = addressKey(address);
					this.#perAddress.set(key, (this.#perAddress.get(key) ?? 0) + 1);
				}
				return refused;
			},
			leave: () => {
				this.#waiting.delete(entry);
				if (this.#inside.delete(entry) && key !== undefined) this.#lessOf(key);
			},
		};
		this.#inside.add(entry);
		this.#waiting.add(entry);
		return entry;
	}

	/** Tells whose connection it is, for {@link loggedIn}. */
	belongs(pass: Pass, peer: Peer): void {
		this.#peers.set(peer, pass);
	}

	/** The client is logged in: it makes room for nobody. */
	loggedIn(peer: Peer): void {
		const pass = this.#peers.get(peer);
		if (pass) this.#waiting.delete(pass as Entry);
	}

	#makeRoom(): boolean {
		const [oldest] = this.#waiting;
		if (!oldest) return false;
		oldest.leave();
		oldest.close();
		return true;
	}

	#tooMany(key: string): GateRefusal | undefined {
		const { connectRate, connectionsPerAddress } = this.#limits;
		const second = Math.floor(this.#now() / 1_000);
		if (second !== this.#second) {
			this.#second = second;
			this.#rate.clear();
		}
		const rate = (this.#rate.get(key) ?? 0) + 1;
		this.#rate.set(key, rate);
		if (rate > connectRate) {
			return refusal("connectRate", `more than ${connectRate} new connections a second come from this address`);
		}
		if ((this.#perAddress.get(key) ?? 0) < connectionsPerAddress) return undefined;
		return refusal("connectionsPerAddress", `this address has ${connectionsPerAddress} connections already`);
	}

	#lessOf(key: string): void {
		const left = (this.#perAddress.get(key) ?? 0) - 1;
		if (left > 0) this.#perAddress.set(key, left);
		else this.#perAddress.delete(key);
	}
}

export function isRefusal(answer: Pass | GateRefusal): answer is GateRefusal {
	return "reason" in answer;
}

function refusal(limit: keyof GateLimits, what: string): GateRefusal {
	return { limit, reason: `${what} (limits.${limit})` };
}
