/**
 * Lets a node of this package use the connection of Node-RED's own `mqtt-broker` config node. The node behaves to it as
 * Node-RED's own nodes do; what that connection can't do now waits here, in memory.
 */

import { FlowbrokerError } from "../../broker";
import { brokerDefaults } from "../broker/properties";
import { Outbox } from "../broker/remote/outbox";
import type { Outlet } from "../broker/remote/session";
import type { ConnectionControl, FlowBroker } from "../broker-node";
import { LoopGuard } from "../loop-guard";
import { type HostState, statusOf, type Translate } from "../status";
import { CoreClient } from "./core-client";
import type { CoreBrokerNode, CoreMessage, CoreUser } from "./core-node";

const MEGABYTE = 1_048_576;

/** @param id of the node that uses the connection */
export function coreBroker(core: CoreBrokerNode, id: string, translate: Translate): FlowBroker {
	const outbox = new Outbox({
		messages: brokerDefaults.queueSize,
		bytes: brokerDefaults.queueMegabytes * MEGABYTE,
		drop: brokerDefaults.queueDrop,
		qos0: brokerDefaults.queueQos0,
	});
	const client = new CoreClient(core, outbox, id);
	core.flowbrokerLoops ??= new LoopGuard();
	return {
		id: core.id,
		connection: connectionOf(core),
		loops: core.flowbrokerLoops,
		presence: undefined,
		whenReady: async () => client,
		watch(watcher) {
			let open = true;
			let attached = false;
			const look = () => {
				if (!open) return;
				watcher({ status: statusOf(stateOf(core), translate), client });
				if (attached === core.connected) return;
				attached = core.connected;
				if (!attached) outbox.detach();
				// The core node subscribes again in this turn: before what waited, as an answer may follow it.
				else setImmediate(() => open && core.connected && outbox.attach(sessionOf(core)));
			};
			const user: CoreUser = { id, status: look };
			core.register(user);
			look();
			return (removed = false) => {
				open = false;
				void outbox.end();
				core.deregister(user, () => {}, removed);
			};
		},
	};
}

function stateOf({ connected, connecting }: CoreBrokerNode): HostState {
	return { kind: connected ? "connected" : connecting ? "connecting" : "disconnected" };
}

/** As far as the outbox needs it. */
function sessionOf(core: CoreBrokerNode): Outlet {
	return {
		limits: core.v5() ? { ...core.serverProperties } : {},
		mqtt: {
			publish(topic, payload, { qos, retain, properties }, done) {
				const message: CoreMessage = { topic, payload, qos, retain, ...properties };
				core.publish(message, (error) => done(error ? toError(error) : undefined));
			},
		},
	};
}

/** The core node tells some errors as text. */
function toError(error: Error | string): Error {
	return typeof error === "string" ? new Error(error) : error;
}

function connectionOf(core: CoreBrokerNode): ConnectionControl {
	const connect = () => new Promise<void>((resolve) => core.connect(resolve));
	const disconnect = () => new Promise<void>((resolve) => core.disconnect(resolve));
	return {
		async connect(settings) {
			const given = typeof settings === "object" && settings !== null ? settings : undefined;
			if (!core.canConnect()) {
				if (!given) return;
				if (!("force" in given && given.force)) {
					const sentence =
						'The broker is connected already. Send the action "disconnect" before, or set msg.broker.force to true.';
					throw new FlowbrokerError("ACTION_INVALID", sentence);
				}
				await disconnect();
			}
			if (given) core.setOptions(given);
			await connect();
		},
		disconnect,
	};
}
