/** A broker under attack, with a witness: another client that must be served all the while. */

import { describe } from "@jest/globals";
import type { Packet } from "mqtt-packet";
import type { Broker, BrokerDependencies } from "../../../broker";
import { aedesEngine } from "../../../broker/engine/aedes/aedes-engine";
import { directEngine } from "../../../broker/engine/direct/direct-engine";
import type { EngineFactory } from "../../../broker/engine/engine";
import { startBroker } from "../../helpers/broker";
import { LookOut } from "../../helpers/look-out";
import { RawClient } from "../../helpers/raw-client";

export interface Arena extends AsyncDisposable {
	readonly broker: Broker;
	readonly port: number;
	/** Reasons with which connections ended that never were clients, oldest first. */
	readonly refusals: string[];
	/** Client id and reason of clients that have gone. */
	readonly departures: { id: string; reason: string }[];
	/** Faults of the broker itself: there should be none. */
	readonly faults: Error[];
	/** The next refusal, told already or not yet; takes it. */
	refusal(): Promise<string>;
	/** The reason with which the client has gone, or will go. */
	departure(id: string): Promise<string>;
	/** Another client publishes a message and gets it. */
	serves(): Promise<void>;
}

/** @param limits in place of the defaults */
export type OpenArena = (limits?: Record<string, unknown>, dependencies?: BrokerDependencies) => Promise<Arena>;

const engines = [
	{ name: "direct", engine: directEngine },
	{ name: "on aedes", engine: aedesEngine },
] as const;

/** What no attack may bring about, whichever engine a broker has. */
export function onEachEngine(tests: (arena: OpenArena, engine: EngineFactory) => void): void {
	describe.each(engines)("engine $name:", ({ engine }) => {
		tests((limits = {}, dependencies = {}) => open(limits, { engine, ...dependencies }), engine);
	});
}

async function open(limits: Record<string, unknown>, dependencies: BrokerDependencies): Promise<Arena> {
	const { broker, port } = await startBroker({ limits, sysInterval: 0 }, dependencies);
	const refusals: string[] = [];
	const departures: { id: string; reason: string }[] = [];
	const faults: Error[] = [];
	const lookOut = new LookOut();
	const wake = lookOut.changed;
	broker.events.on("clientRefused", ({ reason }) => {
		refusals.push(reason);
		wake();
	});
	broker.events.on("clientDisconnected", ({ id }, reason) => {
		departures.push({ id, reason });
		wake();
	});
	broker.events.on("fault", (error) => faults.push(error));
	const until = <T>(look: () => T | undefined): Promise<T> => lookOut.until(look);
	const witness = await RawClient.login(port, 5, { clientId: "witness" });
	witness.send(subscribe(1, "witness"));
	await witness.expect("suback");
	return {
		broker,
		port,
		refusals,
		departures,
		faults,
		refusal: () => until(() => refusals.shift()),
		departure: (id) => until(() => departures.find((one) => one.id === id)?.reason),
		serves: async () => {
			witness.send(publish("witness", 1));
			const [{ messageId = 0 }] = await Promise.all([witness.expect("publish"), witness.expect("puback")]);
			witness.send({ cmd: "puback", messageId });
		},
		[Symbol.asyncDispose]: async () => {
			witness.drop();
			await broker.stop();
		},
	};
}

/** @param qos 0, or the QoS with a packet identifier of 1 or the one given */
export function publish(topic: string, qos: 0 | 1 | 2 = 0, fields: object = {}): Packet {
	const messageId = qos > 0 ? { messageId: 1 } : {};
	return { cmd: "publish", topic, payload: "x", qos, dup: false, retain: false, ...messageId, ...fields };
}

/** QoS 1 for every filter. */
export function subscribe(messageId: number, ...filters: readonly string[]): Packet {
	return { cmd: "subscribe", messageId, subscriptions: filters.map((topic) => ({ topic, qos: 1 })) };
}
