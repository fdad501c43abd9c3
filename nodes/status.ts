/** The one place that puts the state of a broker, or a problem of a node, into the words and colours of a node's status. */

import type { NodeAPI, NodeStatus } from "node-red";
import type { ErrorCode, FlowbrokerError } from "../broker";

/** What people are shown of a broker. */
export type HostState =
	| { readonly kind: "stopped" | "starting" }
	| { readonly kind: "listening"; readonly port: number; readonly clients: number }
	/** A listener is down; the broker runs and tries it again. */
	| { readonly kind: "down"; readonly port: number; readonly error: FlowbrokerError }
	/** The settings are wrong, or the engine did not start: nothing runs. */
	| { readonly kind: "failed"; readonly error: FlowbrokerError };

/** Looks up a text of the catalogue nodes/broker/locales by its key. */
export type Translate = (key: string, values?: Record<string, string | number>) => string;

/** All nodes take these texts from one catalogue, whichever set they belong to. */
export function translator(RED: Pick<NodeAPI, "_">): Translate {
	return (key, values) => RED._(`@flowbroker/node-red/flowbroker-broker:broker.${key}`, values);
}

/** Keys of the texts for errors; a status has room for twenty characters. */
const errorKeys: Partial<Record<ErrorCode, string>> = {
	PORT_IN_USE: "port-in-use",
	PORT_FORBIDDEN: "port-forbidden",
	ADDRESS_UNKNOWN: "address-unknown",
	LISTENER_FAILED: "listener-failed",
	OPTION_INVALID: "settings-invalid",
	TOPIC_INVALID: "topic-invalid",
	FILTER_INVALID: "topic-invalid",
	NOT_ALLOWED: "not-allowed",
	BROKER_MISSING: "broker-missing",
};

export function statusOf(state: HostState, translate: Translate): NodeStatus {
	switch (state.kind) {
		case "stopped":
			return { fill: "grey", shape: "ring", text: translate("status.stopped") };
		case "starting":
			return { fill: "yellow", shape: "ring", text: translate("status.starting") };
		case "listening": {
			const text = translate("status.listening", { port: String(state.port), count: state.clients });
			return { fill: "green", shape: "dot", text };
		}
		case "down":
			return problemStatus(state.error, translate, state.port);
		case "failed":
			return problemStatus(state.error, translate);
	}
}

export function problemStatus(error: FlowbrokerError, translate: Translate, port?: number): NodeStatus {
	const key = errorKeys[error.code] ?? "failed";
	return { fill: "red", shape: "ring", text: translate(`status.${key}`, { port: String(port ?? "") }) };
}

/** All keys under `status` that can be asked for; a test compares them with the catalogue. */
export const statusKeys: readonly string[] = [
	"stopped",
	"starting",
	"listening_one",
	"listening_other",
	"failed",
	...new Set(Object.values(errorKeys)),
];
