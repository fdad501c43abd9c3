/**
 * Makes an embedded broker of the `aedes broker` node of node-red-contrib-aedes, and events nodes of its two outputs.
 * Its properties are those of versions 0.6 to 1.1.
 */

import { type FlowNode, ownTypes } from "../flow-node";
import type { NodeCredentials } from "./credentials";
import { newId } from "./new-id";
import { type Remark, type RemarkKey, type RemarkValues, remark } from "./remark";

export const aedesBroker = "aedes broker";

export interface ConvertedAedes {
	/** The events node in its place comes first. */
	readonly nodes: readonly FlowNode[];
	readonly remarks: readonly Remark[];
}

/** Where the second events node stands, below the first. */
const below = 60;

/**
 * @param credentials of the node, where they are known
 * @returns undefined with a remark of the kind `kept` when it can't be converted
 */
export function convertAedesBroker(
	aedes: FlowNode,
	credentials: NodeCredentials[string] | undefined,
): ConvertedAedes | Remark {
	if (aedes.usetls === true || aedes.usetls === "true") return remark(aedes, "kept", "aedesTls");
	const broker = embeddedBroker(aedes, credentials);
	const { broker: _none, ...place } = placeOf(aedes);
	const [events = [], published = []] = wiresOf(aedes);
	const first: FlowNode = {
		...place,
		id: aedes.id,
		type: ownTypes.events,
		name: textOf(aedes.name),
		broker: broker.id,
		events: ["connected", "disconnected", "refused", "subscribed", "unsubscribed"],
		wires: [events],
	};
	const second: FlowNode = {
		...first,
		id: newId(aedes.id, "published"),
		...(typeof aedes.y === "number" && { y: aedes.y + below }),
		events: ["published"],
		wires: [published],
	};
	const nodes = published.length > 0 ? [first, second, broker] : [first, broker];
	return { nodes, remarks: remarksOn(aedes, broker, credentials) };
}

function embeddedBroker(aedes: FlowNode, credentials: NodeCredentials[string] | undefined): FlowNode {
	const byPath = aedes.mqtt_ws_bind === "path";
	const path = textOf(aedes.mqtt_ws_path);
	return {
		id: newId(aedes.id, "broker"),
		type: ownTypes.broker,
		...(aedes.d === true && { d: true }),
		name: textOf(aedes.name),
		kind: "embedded",
		// As the node did: for everybody in the network.
		host: "0.0.0.0",
		port: aedes.mqtt_port || 1883,
		wsPort: byPath ? "" : aedes.mqtt_ws_port || "",
		webPath: byPath && path !== "" ? `/${path.replace(/^\/+/, "")}` : "",
		// Without a user of its own it took every user name.
		...(credentials && !hasLogin(credentials) ? { access: "any", anonymous: "yes" } : { anonymous: "auto" }),
	};
}

function remarksOn(aedes: FlowNode, broker: FlowNode, credentials: NodeCredentials[string] | undefined): Remark[] {
	const told: Remark[] = [];
	const tell = (key: RemarkKey, values?: RemarkValues) => told.push(remark(aedes, "changed", key, values));
	if (credentials && hasLogin(credentials)) {
		tell("aedesUser", { user: String(credentials.username), broker: broker.id });
	} else if (credentials === undefined) {
		tell("aedesLoginUnknown", { broker: broker.id });
	}
	if (textOf(aedes.dburl) !== "" && aedes.persistence_bind !== "memory") tell("aedesDatabase");
	if (wiresOf(aedes).some((targets) => targets.length > 0)) tell("aedesOutputs");
	return told;
}

function hasLogin({ username, password }: NodeCredentials[string]): boolean {
	return Boolean(username) && Boolean(password);
}

/** All that is neither a setting nor a wire: position, tab, group, notes. */
function placeOf(aedes: FlowNode): FlowNode {
	const settings = /^(mqtt_|cert|key|ca$|caname|dburl|usetls|uselocalfiles|persistence_bind|outputLabels|credentials)/;
	return Object.fromEntries(Object.entries(aedes).filter(([property]) => !settings.test(property))) as FlowNode;
}

function wiresOf({ wires }: FlowNode): unknown[][] {
	return Array.isArray(wires) ? wires.map((targets: unknown) => (Array.isArray(targets) ? targets : [])) : [];
}

function textOf(value: unknown): string {
	return typeof value === "string" ? value : "";
}
