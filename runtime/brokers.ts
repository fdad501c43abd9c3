/** Waits for the embedded brokers of a flow and tells where they listen. */

import { FlowbrokerError, type HostedBroker, type ListenerState } from "../broker";
import type { AdminBroker } from "../broker/http";
import { errorText } from "./error-text";
import type { FlowNode } from "./flows";

/** How people call what a listener speaks. */
const protocolNames = {
	tcp: "MQTT",
	tls: "MQTT over TLS",
	ws: "MQTT over WebSocket",
	wss: "MQTT over WebSocket with TLS",
	unix: "MQTT",
} as const satisfies Record<ListenerState["kind"], string>;

/**
 * The broker nodes that Node-RED must have made: those that are not disabled. One inside a subflow is left out, since
 * it runs once for every use of the subflow, under ids that Node-RED makes up.
 */
export function findBrokerNodes(nodes: readonly FlowNode[]): FlowNode[] {
	const inactive = new Set(
		nodes.filter((node) => node.type === "subflow" || node.disabled === true).map(({ id }) => id),
	);
	return nodes.filter((node) => node.type === "flowbroker-broker" && node.d !== true && !inactive.has(String(node.z)));
}

/**
 * Waits until every broker has tried its listeners.
 * @param getNode gives the running node of an id
 * @returns the listeners, all of them up
 * @throws AggregateError with a FlowbrokerError for every broker that did not start and every listener that is down
 */
export async function startedListeners(
	brokerNodes: readonly FlowNode[],
	getNode: (id: string) => unknown,
): Promise<ListenerState[]> {
	const outcomes = await Promise.allSettled(brokerNodes.map((node) => listenersOf(node, getNode(node.id))));
	const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
	const listeners = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? outcome.value : []));
	const down = listeners.filter(({ state }) => !state.up);
	failures.push(...down.map(({ node, state }) => failure(node, whyDown(state), state.error)));
	if (failures.length > 0) throw new AggregateError(failures, "The flow's brokers did not start.");
	return listeners.map(({ state }) => state);
}

/** The brokers of the flow for the admin API, also those that do not run. */
export function adminBrokers(nodes: readonly FlowNode[], getNode: (id: string) => unknown): AdminBroker[] {
	return findBrokerNodes(nodes).flatMap(({ id, name }) => {
		const running = getNode(id);
		if (!isHostedBroker(running)) return [];
		return [{ id, name: typeof name === "string" && name !== "" ? name : id, broker: running.broker }];
	});
}

/** For example `MQTT on 127.0.0.1:1883`, or `MQTT on /run/mqtt.sock` for a socket file. */
export function describeListener(listener: ListenerState): string {
	const { kind, port, path = "" } = listener;
	const host = listener.host.includes(":") ? `[${listener.host}]` : listener.host;
	return `${protocolNames[kind]} on ${kind === "unix" ? path : `${host}:${port}${path}`}`;
}

async function listenersOf(node: FlowNode, running: unknown) {
	if (!isHostedBroker(running)) throw failure(node, "Node-RED could not make the node; its log tells why.");
	try {
		await running.started;
	} catch (error) {
		throw failure(node, errorText(error), error);
	}
	return (running.broker?.listeners ?? []).map((state) => ({ node, state }));
}

function isHostedBroker(node: unknown): node is HostedBroker {
	return typeof node === "object" && node !== null && "started" in node;
}

function whyDown(listener: ListenerState): string {
	return listener.error?.message ?? `${describeListener(listener)} could not be opened.`;
}

function failure(node: FlowNode, why: string, cause?: unknown): FlowbrokerError {
	const name =
		typeof node.name === "string" && node.name !== "" ? `"${node.name}" (node ${node.id})` : `node ${node.id}`;
	return new FlowbrokerError("FLOW_NOT_STARTED", `The broker ${name} did not start: ${why}`, cause);
}
