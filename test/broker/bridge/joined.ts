/** Bridges for tests: between brokers of this process, or to whatever listens on a port of this machine. */

import { connect } from "node:net";
import {
	Bridge,
	type BridgeOptions,
	type BridgeRemote,
	type BridgeState,
	FlowbrokerError,
	parseBridgeRules,
} from "../../../broker";
import type { TestBroker } from "../../helpers/broker";
import { LookOut } from "../../helpers/look-out";

export interface TestBridge extends AsyncDisposable {
	readonly bridge: Bridge;
	readonly states: readonly BridgeState[];
	/** Resolves with the first state, present or to come, that fits. */
	until(fits: (state: BridgeState) => boolean): Promise<BridgeState>;
}

/** As in mosquitto.conf: `# both 2`, `x in 0 local/ remote/`. */
export function rule(line: string) {
	const [filter, direction, qos, localPrefix, remotePrefix] = line
		.split(" ")
		.map((word) => (word === '""' ? "" : word));
	return { filter, direction, qos: Number(qos ?? 0), localPrefix: localPrefix ?? "", remotePrefix: remotePrefix ?? "" };
}

export type Changes = Partial<Omit<BridgeOptions, "rules" | "link">> & { link?: Partial<BridgeOptions["link"]> };

let count = 0;

export async function join(
	{ broker }: Pick<TestBroker, "broker">,
	ports: number | readonly number[] | BridgeRemote,
	rules: readonly string[],
	{ link, ...changes }: Changes = {},
): Promise<TestBridge> {
	const id = `bridge-${++count}`;
	const options: BridgeOptions = {
		id,
		name: id,
		rules: parseBridgeRules(rules.map(rule)),
		start: "automatic",
		startThreshold: 10,
		idleTimeout: 60_000,
		protocolVersion: "auto",
		tryPrivate: true,
		roundRobin: false,
		notifications: undefined,
		outgoingRetain: true,
		attemptUnsubscribe: true,
		loopGuard: true,
		user: undefined,
		queue: { messages: 100_000, bytes: 100_000_000, drop: "newest", qos0: false },
		...changes,
		link: {
			clientId: `test.${id}`,
			clean: false,
			keepalive: 60,
			user: undefined,
			password: undefined,
			sessionExpiry: 3_600,
			receiveMaximum: 100,
			maximumPacketSize: 1_048_576,
			userProperties: undefined,
			connectTimeout: 5_000,
			...link,
		},
	};
	const states: BridgeState[] = [];
	const lookOut = new LookOut();
	const way = typeof ports === "object" && "open" in ports ? ports : remote([ports].flat());
	const bridge = new Bridge(broker, options, way, (state) => {
		states.push(state);
		lookOut.changed();
	});
	await bridge.start();
	return {
		bridge,
		states,
		until: (fits) => lookOut.until(() => (fits(bridge.state) ? bridge.state : undefined)),
		[Symbol.asyncDispose]: () => bridge.stop(),
	};
}

export function isConnected({ phase }: BridgeState): boolean {
	return phase === "connected";
}

/** The way to a port of this machine. */
export function remote(ports: readonly number[]): BridgeRemote {
	return {
		servers: ports.map((port) => `127.0.0.1:${port}`),
		open: (at) => connect({ host: "127.0.0.1", port: ports[at] as number, noDelay: true }),
		isThere: (at) =>
			new Promise((resolve) => {
				const socket = connect({ host: "127.0.0.1", port: ports[at] as number });
				socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
				socket.on("connect", () => socket.destroy());
			}),
		explain: (_at, end) =>
			new FlowbrokerError("CONNECTION_LOST", `ended: ${end.code ?? ""} ${end.error?.message ?? ""}`),
		pause: () => 20,
		lasting: 1_000,
		lookEvery: 50,
	};
}
