/** Brokers for tests of listeners, and what to wait for. */

import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import {
	type Broker,
	type BrokerDependencies,
	type BrokerEventMap,
	createBroker,
	type ListenerState,
	parseBrokerOptions,
} from "../../../broker";

export interface RunningBroker extends AsyncDisposable {
	readonly broker: Broker;
	/** The state of a listener. */
	listener(name: string): ListenerState;
	port(name: string): number;
}

/** A started broker; its listeners may be down. @param options as for `parseBrokerOptions` */
export async function run(
	options: Record<string, unknown>,
	dependencies: BrokerDependencies = {},
): Promise<RunningBroker> {
	const broker = createBroker(parseBrokerOptions({ sysInterval: 0, ...options }), dependencies);
	await broker.start();
	const listener = (name: string) => {
		const found = broker.listeners.find((state) => state.name === name);
		if (!found) throw new Error(`there is no listener ${name}`);
		return found;
	};
	return {
		broker,
		listener,
		port: (name) => {
			const { up, error, port } = listener(name);
			if (!up) throw error ?? new Error(`the listener ${name} is down`);
			return port;
		},
		[Symbol.asyncDispose]: () => broker.stop(),
	};
}

export type ToldRefusal = BrokerEventMap["clientRefused"][0];

/** The next refusal that the broker tells of. */
export async function nextRefusal(broker: Broker): Promise<ToldRefusal> {
	const [refusal] = (await once(broker.events, "clientRefused")) as [ToldRefusal];
	return refusal;
}

/** The next state of the listener that fits. */
export function nextState(
	broker: Broker,
	name: string,
	fits: (state: ListenerState) => boolean,
): Promise<ListenerState> {
	return new Promise((resolve) => {
		const look = (state: ListenerState) => {
			if (state.name !== name || !fits(state)) return;
			broker.events.off("listener", look);
			resolve(state);
		};
		broker.events.on("listener", look);
	});
}

/** A bare connection. */
export interface Wire {
	readonly socket: Socket;
	/** Everything that arrived, when the broker has ended the connection. */
	readonly ended: Promise<Buffer>;
	/** Resolves when that many bytes have arrived. */
	bytes(count: number): Promise<Buffer>;
}

export async function wire(port: number, host = "127.0.0.1"): Promise<Wire> {
	const socket = connectTcp(port, host);
	const chunks: Buffer[] = [];
	const checks = new Set<() => void>();
	socket.on("error", () => {});
	socket.on("data", (chunk) => {
		chunks.push(chunk);
		for (const check of checks) check();
	});
	const ended = new Promise<Buffer>((resolve) => socket.once("close", () => resolve(Buffer.concat(chunks))));
	await Promise.race([once(socket, "connect"), ended]);
	return {
		socket,
		ended,
		bytes: (count) =>
			new Promise((resolve) => {
				const check = () => {
					const all = Buffer.concat(chunks);
					if (all.length < count) return;
					checks.delete(check);
					resolve(all);
				};
				checks.add(check);
				check();
			}),
	};
}

/** A CONNECT of MQTT 3.1.1 without user name, for a clean session. */
export function connectPacket(clientId: string): Buffer {
	const id = Buffer.from(clientId);
	return Buffer.concat([
		Buffer.from([0x10, 12 + id.length, 0, 4]),
		Buffer.from("MQTT"),
		Buffer.from([4, 2, 0, 60, 0, id.length]),
		id,
	]);
}

/** The CONNACK that lets an MQTT 3.1.1 client in. */
export const WELCOME = Buffer.from([0x20, 2, 0, 0]);
