/** Converts a flow: Node-RED's own MQTT nodes, and those of node-red-contrib-aedes, become flowbroker's. */

import type { FlowNode } from "../flow-node";
import { aedesBroker, convertAedesBroker } from "./aedes-broker";
import { convertCoreBroker } from "./core-broker";
import type { NodeCredentials } from "./credentials";
import { isVariable, withVariables } from "./environment";
import { convertInOut, coreIn, coreOut } from "./in-out";
import { newId } from "./new-id";
import { findReferences, type Reference } from "./references";
import { type Remark, remark } from "./remark";

export interface ConvertOptions {
	/** Ids of the nodes to convert, on the canvas or config nodes; default: all. A broker goes with its nodes. */
	readonly only?: ReadonlySet<string>;
	/** The credentials of a node, undefined where they are not known. They say whether an `aedes broker` has a user. */
	readonly credentialsOf?: (id: string) => NodeCredentials[string] | undefined;
}

export interface Conversion {
	/** The whole flow, in its order; what is new stands at the end. */
	readonly nodes: readonly FlowNode[];
	/** Ids of the nodes that became others, in the order of the flow. */
	readonly converted: readonly string[];
	/** Brokers that other nodes still need: id -> id of the converted copy, which needs the same credentials. */
	readonly copies: ReadonlyMap<string, string>;
	readonly remarks: readonly Remark[];
}

const coreBroker = "mqtt-broker";

/** Ids, wires, positions, groups, subflows, names and variables stay. Nodes of all other types stay as they are. */
export function convertFlow(nodes: readonly FlowNode[], { only, credentialsOf }: ConvertOptions = {}): Conversion {
	const wanted = ({ id }: FlowNode) => only?.has(id) ?? true;
	const brokers = new Map(nodes.filter(({ type }) => type === coreBroker).map((node) => [node.id, node]));
	const remarks: Remark[] = [];
	const chosen = nodes.filter((node) => {
		if (!wanted(node) || (node.type !== coreIn && node.type !== coreOut)) return false;
		const why = whyNot(node, brokers, only !== undefined);
		if (why) remarks.push(why);
		return !why;
	});
	const there = new Set(nodes.map(({ id }) => id));
	const users = findReferences(nodes, new Set(brokers.keys()));
	const moved = moveBrokers(brokers, users, new Set(chosen.map(({ id }) => id)), wanted, only !== undefined, there);
	const result = new Map<string, FlowNode>();
	const added: FlowNode[] = [];
	const converted: string[] = [];
	const copies = new Map<string, string>();

	for (const [id, to] of moved) {
		const core = brokers.get(id) as FlowNode;
		const { node, remarks: told } = convertCoreBroker(core);
		if (to === id) {
			result.set(id, node);
			converted.push(id);
			remarks.push(...told);
		} else if (there.has(to)) {
			const unused = !users.get(id)?.some(({ node }) => !chosen.includes(node));
			if (unused) remarks.push(remark(core, "kept", "unused", { copy: to }));
		} else {
			copies.set(id, to);
			const clientid = clientIdOfCopy(core);
			added.push({ ...node, id: to, ...(clientid !== undefined && { clientid }) });
			remarks.push(...told, whyCopied(core, users.get(id) ?? [], chosen, clientid));
		}
	}
	for (const core of chosen) {
		const { node, remarks: told } = convertInOut(core, moved.get(String(core.broker)) ?? String(core.broker));
		result.set(core.id, node);
		converted.push(core.id);
		remarks.push(...told);
	}
	for (const aedes of nodes.filter((node) => node.type === aedesBroker && wanted(node))) {
		const outcome = convertAedesBroker(aedes, credentialsOf?.(aedes.id));
		if ("text" in outcome) {
			remarks.push(outcome);
			continue;
		}
		const [inPlace, ...more] = outcome.nodes as [FlowNode, ...FlowNode[]];
		result.set(aedes.id, inPlace);
		added.push(...more);
		converted.push(aedes.id);
		remarks.push(...outcome.remarks);
	}
	const variables = only === undefined ? moved : new Map<string, string>();
	const kept = nodes.map((node) => result.get(node.id) ?? withVariables(node, variables));
	const order = new Map(nodes.map(({ id }, at) => [id, at]));
	const inOrder = (one: string, other: string) => (order.get(one) ?? 0) - (order.get(other) ?? 0);
	return {
		nodes: [...joinGroups(kept, added), ...added],
		converted: converted.sort(inOrder),
		copies,
		remarks: remarks.sort((one, other) => inOrder(one.node, other.node)),
	};
}

function whyNot(node: FlowNode, brokers: ReadonlyMap<string, FlowNode>, partial: boolean): Remark | undefined {
	const { broker } = node;
	if (typeof broker !== "string" || broker === "") return remark(node, "kept", "noBroker");
	if (isVariable(broker)) return partial ? remark(node, "kept", "brokerByVariable", { variable: broker }) : undefined;
	return brokers.has(broker) ? undefined : remark(node, "kept", "brokerElsewhere", { broker });
}

/**
 * Which brokers are converted, and under which id: the same where nobody else needs the old one, else a new one.
 * @param partial only some nodes of the flow are converted
 * @param there ids of the flow: a copy of an earlier conversion is used again
 */
function moveBrokers(
	brokers: ReadonlyMap<string, FlowNode>,
	users: ReadonlyMap<string, readonly Reference[]>,
	chosen: ReadonlySet<string>,
	wanted: (node: FlowNode) => boolean,
	partial: boolean,
	there: ReadonlySet<string>,
): Map<string, string> {
	const moved = new Map<string, string>();
	for (const [id, node] of brokers) {
		const references = users.get(id) ?? [];
		const goWithIt = ({ node: user, property }: Reference) =>
			chosen.has(user.id) ? property === "broker" : property === "env" && !partial;
		const needed = references.some((reference) => !goWithIt(reference));
		const used = references.some(goWithIt);
		if (!used && (needed || !wanted(node))) continue;
		const copy = newId(id, "broker");
		moved.set(id, needed || there.has(copy) ? copy : id);
	}
	return moved;
}

/** Two connections with one client id would close each other. */
function clientIdOfCopy({ clientid }: FlowNode): string | undefined {
	return typeof clientid === "string" && clientid !== "" ? `${clientid}-flowbroker` : undefined;
}

function whyCopied(
	core: FlowNode,
	users: readonly Reference[],
	chosen: readonly FlowNode[],
	clientId: string | undefined,
): Remark {
	const converted = new Set(chosen.map(({ id }) => id));
	const types = [...new Set(users.filter(({ node }) => !converted.has(node.id)).map(({ node }) => node.type))].join(
		", ",
	);
	if (clientId === undefined) return remark(core, "changed", "copied", { types });
	return remark(core, "changed", "copiedWithClientId", { types, clientId });
}

/** What is new beside a node in a group is in the group, too. */
function joinGroups(nodes: readonly FlowNode[], added: readonly FlowNode[]): FlowNode[] {
	return nodes.map((node) => {
		if (node.type !== "group" || !Array.isArray(node.nodes)) return node;
		const joining = added.filter(({ g }) => g === node.id).map(({ id }) => id);
		return joining.length > 0 ? { ...node, nodes: [...(node.nodes as unknown[]), ...joining] } : node;
	});
}
