/** Who may publish and get what, and what is told of it: the hooks that aedes calls for each publication. */

import type { Duplex } from "node:stream";
import type { Decision } from "../../access/access";
import type { Message, MessageProperties } from "../../message";
import type { EngineHooks } from "../engine";
import { AedesClient } from "./aedes-client";
import { type AedesPersistence, EMPTY_SESSION, type Packet, PROTO_FILTER } from "./aedes-persistence";
import type { Publication, SharedPersistence } from "./shared-backends";

/** Starts the `clientId` of what this process publishes: no client over the network can have one that starts with NUL. */
export const LOCAL = "\0local:";

/** Of a client of aedes, what is needed here. */
interface Below {
	readonly id: string;
	readonly version: number | null;
	readonly conn: Duplex;
}

const NOBODY: Decision = { allow: false, reason: "the client is not logged in" };

export class Publications {
	readonly #hooks: EngineHooks;
	/** Below it aedes publishes notices to itself. */
	readonly #internal: string;
	readonly #persistence: AedesPersistence;
	readonly #shared: SharedPersistence | undefined;

	/** @param shared the persistence where several processes share it */
	constructor(hooks: EngineHooks, internal: string, persistence: AedesPersistence, shared?: SharedPersistence) {
		this.#hooks = hooks;
		this.#internal = internal;
		this.#persistence = persistence;
		this.#shared = shared;
	}

	authorize(below: Below | null, packet: Publication, done: (error?: Error | null) => void): void {
		const isWill = packet.cmd === undefined;
		if (isWill) stripWillDelay(packet);
		if (!below) {
			done(null);
			return;
		}
		const client = AedesClient.of(below);
		const decision = client?.access.mayPublish(packet.topic) ?? NOBODY;
		if (decision.allow) {
			// Queues in Redis are filled before aedes says who it was.
			if (this.#shared) packet.clientId = below.id;
			const isNew = this.#arrives(below, packet);
			// Not at once: see below.
			if (isNew) done(null);
			else process.nextTick(done, null);
			return;
		}
		if (client) this.#hooks.denied(client, "publish", packet.topic, decision.reason);
		// Not at once: aedes would read the next packet while it still parses this one.
		if (isWill || below.version === 5) {
			process.nextTick(done, new Error(decision.reason));
			return;
		}
		// MQTT before 5 has no way to say no: the message is acknowledged and goes nowhere. [MQTT-3.3.5-2]
		this.#divert(packet);
		process.nextTick(done, null);
	}

	maySubscribe(below: Below, subscription: { topic: string }): boolean {
		if (subscription.topic === EMPTY_SESSION) return false;
		if (subscription.topic === PROTO_FILTER) subscription.topic = "__proto__";
		const filter = subscription.topic;
		const client = AedesClient.of(below);
		// aedes has no shared subscriptions. It tells MQTT 5 clients so; to older ones it would grant a dead filter.
		if (filter.startsWith("$share/")) return false;
		const decision = client?.access.maySubscribe(filter) ?? NOBODY;
		if (client && !decision.allow) this.#hooks.denied(client, "subscribe", filter, decision.reason);
		return decision.allow;
	}

	mayReceive(below: Below, packet: Publication): boolean {
		const client = AedesClient.of(below);
		const decision = client?.access.mayReceive(packet.topic) ?? NOBODY;
		if (client && !decision.allow) this.#hooks.denied(client, "receive", packet.topic, decision.reason);
		if (!client || !decision.allow) return false;
		return !this.#shared?.leavesToQueue(client, packet as Packet);
	}

	published(packet: Publication, below: Below | null): void {
		if (below && packet.qos === 1) AedesClient.of(below)?.stream.stored(packet.messageId as number);
		if (packet.topic.startsWith(this.#internal)) return;
		const origin = packet.clientId?.startsWith(LOCAL) ? packet.clientId.slice(LOCAL.length) : "";
		this.#hooks.published(messageOf(packet), below ? AedesClient.of(below) : undefined, origin || undefined);
	}

	/** @returns false when the message was here before */
	#arrives(below: Below, packet: Publication): boolean {
		// Sent again: aedes asks before it finds out.
		if (packet.qos === 2 && this.#persistence.hasReceived(below, packet.messageId ?? 0)) return true;
		const message = this.#hooks.arriving(packet as Message);
		if (message && message !== packet) Object.assign(packet, message);
		if (!message) this.#divert(packet);
		return message !== undefined;
	}

	/** Acknowledged, and goes nowhere. */
	#divert(packet: Publication): void {
		packet.topic = `${this.#internal}diverted`;
		packet.payload = Buffer.alloc(0);
		packet.retain = false;
	}
}

function messageOf({ topic, payload, qos, retain, properties }: Publication): Message {
	const message: Message = { topic, payload: payload as Buffer, qos: qos ?? 0, retain: retain ?? false };
	if (properties) message.properties = properties as MessageProperties;
	return message;
}

function stripWillDelay(packet: Publication): void {
	const properties = packet.properties as { willDelayInterval?: number } | undefined;
	if (properties) delete properties.willDelayInterval;
}
