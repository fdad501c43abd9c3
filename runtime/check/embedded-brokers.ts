/** Checks the embedded brokers of a flow: their ports, and who can log in. Pure. */

import type { FlowNode } from "../flows";
import { activeNodes, isFromEnvironment } from "./active";
import { type Finding, type Flow, finding, nameOf } from "./finding";

/** What the checks need to know of the place where the flow will run. */
export interface BrokerSurroundings {
	/** The value of an environment variable. */
	readonly lookup: (variable: string) => string | undefined;
	/** Does the data folder hold users for the broker of this id? */
	readonly hasUsers: (brokerId: string) => boolean;
}

interface EmbeddedBroker {
	readonly node: FlowNode;
	readonly host: string;
	/** A text with `${...}` when the environment does not have it yet. */
	readonly port: string;
}

const highestPort = 65_535;

/** Says something for every port that is wrong or used twice, and for every broker open to the network. */
export function checkEmbeddedBrokers(flow: Flow, surroundings: BrokerSurroundings): Finding[] {
	const nodes = activeNodes(flow.nodes).filter(({ type, kind }) => {
		return type === "flowbroker-broker" && (kind ?? "embedded") === "embedded";
	});
	const brokers = nodes.map((node): EmbeddedBroker => {
		const filled = (value: unknown, otherwise: string) => fill(textOf(value) || otherwise, surroundings.lookup);
		return { node, host: filled(node.host, "127.0.0.1"), port: filled(node.port, "1883") };
	});
	return [
		...brokers.flatMap((broker) => checkPort(flow, broker)),
		...brokers.flatMap((broker, at) => checkSamePort(flow, broker, brokers.slice(0, at))),
		...brokers.flatMap((broker) => checkOpen(flow, broker, surroundings)),
	];
}

function checkPort(flow: Flow, { node, port }: EmbeddedBroker): Finding[] {
	if (isFromEnvironment(port) || (/^\d+$/.test(port) && Number(port) <= highestPort)) return [];
	const what = `has the port "${port}", which is none: give a number from 1 to ${highestPort}, or 0 for any free port.`;
	return [finding(flow, "error", "OPTION_INVALID", node, what)];
}

function checkSamePort(flow: Flow, broker: EmbeddedBroker, others: readonly EmbeddedBroker[]): Finding[] {
	const other = others.find(({ host, port }) => port === broker.port && overlap(host, broker.host));
	if (!other || broker.port === "0") return [];
	const what = `uses the port ${broker.port}, and so does ${nameOf(other.node)}. Give one of them another port.`;
	return [finding(flow, "error", "PORT_IN_USE", broker.node, what)];
}

function checkOpen(flow: Flow, { node, host }: EmbeddedBroker, surroundings: BrokerSurroundings): Finding[] {
	if (isFromEnvironment(host) || isThisMachine(host)) return [];
	if (node.anonymous === "yes" || node.anonymous === true) {
		const what = `is open to the network, and everybody may log in without user name. Add users and set "anonymous" to "no", or bind it to 127.0.0.1.`;
		return [finding(flow, "warning", "BROKER_OPEN", node, what)];
	}
	if ((node.access ?? "users") !== "users" || surroundings.hasUsers(node.id)) return [];
	const what = `is open to the network and has no users here: nobody can log in. Add one with: flowbroker user add NAME --data DIR --broker ${node.id} - and run the flow with --data DIR.`;
	return [finding(flow, "note", "BROKER_WITHOUT_USERS", node, what)];
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

function textOf(value: unknown): string {
	return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
}

/** `${NAME}` and `${NAME:-text}`, as the broker's node reads them; what is not set stays as it is. */
function fill(text: string, lookup: (variable: string) => string | undefined): string {
	return text.replace(/\$\{([^}]+?)(?::-([^}]*))?\}/g, (whole, name: string, otherwise?: string) => {
		const value = lookup(name);
		return value === undefined || (value === "" && otherwise !== undefined) ? (otherwise ?? whole) : value;
	});
}
