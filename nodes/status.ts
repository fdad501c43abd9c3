/** The one place that puts the state of a broker, or a problem of a node, into the words and colours of a node's status. */

import type { NodeAPI, NodeStatus } from "node-red";
import type { ErrorCode, FlowbrokerError } from "../broker";

/** What people are shown of a broker. */
export type HostState =
	| { readonly kind: "stopped" | "starting" }
	| { readonly kind: "listening"; readonly port: number; readonly clients: number }
	/** Listening, with a certificate that is about to expire. */
	| { readonly kind: "certificate"; readonly days: number }
	/** The disk takes nothing; the broker runs, and acknowledges nothing that it has to keep. */
	| { readonly kind: "storeFailing"; readonly error: FlowbrokerError }
	/** A listener is down; the broker runs and tries it again. */
	| { readonly kind: "down"; readonly port: number; readonly error: FlowbrokerError }
	/** Another broker: the first attempt to connect, a connection that stands, one that nobody has asked for. */
	| { readonly kind: "connecting" | "connected" | "disconnected" }
	/** Another broker can't be reached; the connection is tried again. */
	| { readonly kind: "away"; readonly error: FlowbrokerError }
	/** The settings are wrong, or the engine did not start: nothing runs. */
	| { readonly kind: "failed"; readonly error: FlowbrokerError };

/** Looks up a text of the catalogue nodes/broker/locales by its key. */
export type Translate = (key: string, values?: Record<string, string | number>) => string;

/** All nodes take these texts from one catalogue, whichever set they belong to. */
export function translator(RED: Pick<NodeAPI, "_">): Translate {
	return (key, values) => RED._(`@flowbroker/node-red/flowbroker-broker:broker.${key}`, values);
}

/** Keys of the texts for errors; a status has room for some twenty characters. */
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
	HOST_NOT_FOUND: "host-not-found",
	CONNECTION_REFUSED: "connection-refused",
	CONNECTION_TIMEOUT: "timed-out",
	CONNECTION_LOST: "connection-lost",
	NETWORK_UNREACHABLE: "unreachable",
	CERTIFICATE_NOT_TRUSTED: "certificate-not-trusted",
	TLS_FAILED: "tls-failed",
	PASSWORD_REFUSED: "password-refused",
	CLIENT_ID_REFUSED: "client-id-refused",
	PROTOCOL_REFUSED: "protocol-refused",
	CLIENT_REPLACED: "client-replaced",
	BROKER_UNAVAILABLE: "broker-unavailable",
	BROKER_REFUSED: "broker-refused",
	SUBSCRIPTION_REFUSED: "subscription-refused",
	MESSAGE_LOOP: "message-loop",
	STORE_FAILING: "store-failing",
	STORE_LOCKED: "store-locked",
	STORE_TOO_NEW: "store-too-new",
	STORE_UNUSABLE: "store-unusable",
};

export function statusOf(state: HostState, translate: Translate): NodeStatus {
	switch (state.kind) {
		case "stopped":
			return { fill: "grey", shape: "ring", text: translate("status.stopped") };
		case "disconnected":
			return { fill: "grey", shape: "ring", text: translate("status.disconnected") };
		case "starting":
		case "connecting":
			return { fill: "yellow", shape: "ring", text: translate(`status.${state.kind}`) };
		case "connected":
			return { fill: "green", shape: "dot", text: translate("status.connected") };
		case "listening": {
			const text = translate("status.listening", { port: String(state.port), count: state.clients });
			return { fill: "green", shape: "dot", text };
		}
		case "down":
			return problemStatus(state.error, translate, state.port);
		case "certificate":
			return { fill: "yellow", shape: "dot", text: translate("status.certificate", { count: state.days }) };
		case "away":
		case "storeFailing":
		case "failed":
			return problemStatus(state.error, translate);
	}
}

export function problemStatus(error: FlowbrokerError, translate: Translate, port?: number): NodeStatus {
	const key = errorKeys[error.code] ?? "failed";
	return { fill: "red", shape: "ring", text: translate(`status.${key}`, { port: String(port ?? "") }) };
}

/** Messages that wait for a flow, or that it was too slow for. */
export function paceStatus(waiting: number, dropped: number, translate: Translate): NodeStatus | undefined {
	if (dropped > 0) return { fill: "yellow", shape: "ring", text: translate("status.dropped", { count: dropped }) };
	return waiting > 0
		? { fill: "green", shape: "ring", text: translate("status.waiting", { count: waiting }) }
		: undefined;
}

/** All keys under `status` that can be asked for; a test compares them with the catalogue. */
export const statusKeys: readonly string[] = [
	"stopped",
	"starting",
	"connecting",
	"connected",
	"disconnected",
	"listening_one",
	"listening_other",
	"certificate_one",
	"certificate_other",
	"waiting_one",
	"waiting_other",
	"dropped_one",
	"dropped_other",
	"failed",
	...new Set(Object.values(errorKeys)),
];
