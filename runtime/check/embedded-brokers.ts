/** Checks the embedded brokers of a flow: their ports, and who can log in. Pure. */

import type { ListenerKind } from "../../broker";
import type { FlowNode } from "../flows";
import { isFromEnvironment } from "./active";
import { embeddedBrokers, filledField, type Lookup, textOf } from "./broker-fields";
import { type Finding, type Flow, finding, nameOf } from "./finding";

/** What the checks need to know of the place where the flow will run. */
export interface BrokerSurroundings {
	readonly lookup: Lookup;
	/** Does the data folder hold users for the broker of this id? */
	readonly hasUsers: (brokerId: string) => boolean;
}

/** What listens on one address; a broker may have several of them. */
interface EmbeddedBroker {
	readonly node: FlowNode;
	readonly host: string;
	/** Of all its listeners; texts with `${...}` when the environment does not have them yet. */
	readonly ports: readonly string[];
}

const highestPort = 65_535;
/** Of listeners that name none. */
const usualPorts: Readonly<Record<ListenerKind, number>> = { tcp: 1883, tls: 8883, ws: 8083, wss: 8084, unix: 0 };

/** Says something for every port that is wrong or used twice, and for every broker open to the network. */
export function checkEmbeddedBrokers(flow: Flow, surroundings: BrokerSurroundings): Finding[] {
	const filled = (value: unknown, otherwise = "") => filledField(value, surroundings.lookup, otherwise);
	const brokers = embeddedBrokers(flow.nodes, surroundings.lookup).flatMap((node): EmbeddedBroker[] => {
		const written = writtenListeners(filled(node.listeners));
		if (written) return written.map((listener) => ({ node, ...listener }));
		const more = [node.tlsPort, node.wsPort, node.wssPort].map((port) => filled(port)).filter((port) => port !== "");
		return [{ node, host: filled(node.host, "127.0.0.1"), ports: [filled(node.port, "1883"), ...more] }];
	});
	return [
		...brokers.flatMap((broker) => broker.ports.flatMap((port) => checkPort(flow, broker.node, port))),
		...brokers.flatMap((broker, at) => checkSamePorts(flow, broker, brokers.slice(0, at))),
		...openOnes(brokers).flatMap((broker) => checkOpen(flow, broker, surroundings)),
	];
}

function checkPort(flow: Flow, node: FlowNode, port: string): Finding[] {
	if (isFromEnvironment(port) || (/^\d+$/.test(port) && Number(port) <= highestPort)) return [];
	const what = `has the port "${port}", which is none: give a number from 1 to ${highestPort}, or 0 for any free port.`;
	return [finding(flow, "error", "OPTION_INVALID", node, what)];
}

/** @param others those before it, so that each pair is told once */
function checkSamePorts(
	flow: Flow,
	{ node, host, ports }: EmbeddedBroker,
	others: readonly EmbeddedBroker[],
): Finding[] {
	return ports.flatMap((port, at) => {
		if (port === "0") return [];
		const other = others.find((one) => one.ports.includes(port) && overlap(one.host, host));
		const twice = ports.indexOf(port) < at;
		if (!other && !twice) return [];
		const what = other
			? `uses the port ${port}, and so does ${nameOf(other.node)}. Give one of them another port.`
			: `uses the port ${port} twice. Give each of its listeners a port of its own.`;
		return [finding(flow, "error", "PORT_IN_USE", node, what)];
	});
}

/** Each broker once that is open to the network, as far as that can be told here. */
function openOnes(brokers: readonly EmbeddedBroker[]): EmbeddedBroker[] {
	const open = brokers.filter(({ host }) => !isFromEnvironment(host) && !isThisMachine(host));
	return [...new Map(open.map((broker) => [broker.node.id, broker])).values()];
}

function checkOpen(flow: Flow, { node }: EmbeddedBroker, surroundings: BrokerSurroundings): Finding[] {
	if (node.anonymous === "yes" || node.anonymous === true) {
		const what = `is open to the network, and everybody may log in without user name. Add users and set "anonymous" to "no", or bind it to 127.0.0.1.`;
		return [finding(flow, "warning", "BROKER_OPEN", node, what)];
	}
	if ((node.access ?? "users") !== "users" || surroundings.hasUsers(node.id)) return [];
	const what = `is open to the network and has no users here: nobody can log in. Add one with: flowbroker user add NAME --data DIR --broker ${node.id} - and run the flow with --data DIR.`;
	return [finding(flow, "note", "BROKER_WITHOUT_USERS", node, what)];
}

/** The list in the field "listeners". One that can't be read is refused by the node, in words. */
function writtenListeners(text: string): Pick<EmbeddedBroker, "host" | "ports">[] | undefined {
	try {
		const list: unknown = JSON.parse(text);
		if (!Array.isArray(list)) return undefined;
		return list.map(({ kind, host, port }: { kind?: ListenerKind; host?: unknown; port?: unknown }) => {
			if (kind === "unix") return { host: "localhost", ports: [] };
			return { host: textOf(host) || "127.0.0.1", ports: [textOf(port) || String(usualPorts[kind ?? "tcp"])] };
		});
	} catch {
		return undefined;
	}
}

function overlap(one: string, other: string): boolean {
	return one === other || isEverywhere(one) || isEverywhere(other);
}

function isEverywhere(host: string): boolean {
	return host === "0.0.0.0" || host === "::";
}

function isThisMachine(host: string): boolean {
	return host.toLowerCase() === "localhost" || host === "::1" || /^127\./.test(host);
}
