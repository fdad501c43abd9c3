/**
 * Which secrets a flow needs. An export holds none, and does not tell which there were; other properties of the nodes
 * do, for the node types that are known here. Pure.
 */

import type { FlowNode } from "../flows";

/** One secret of one node. */
export interface SecretNeed {
	readonly node: FlowNode;
	/** As the node calls it: `password`. */
	readonly field: string;
	/** `false`: the node may well work without, as with a broker that wants no password. */
	readonly required: boolean;
}

interface Fields {
	readonly required?: readonly string[];
	readonly optional?: readonly string[];
}

const login = ["user", "password"];

/** Node type -> the secrets that a node with these properties has. */
const knownTypes: Readonly<Record<string, (node: FlowNode) => Fields>> = {
	"mqtt-broker": () => ({ optional: login }),
	"flowbroker-broker": ({ kind }) => ((kind || "embedded") === "embedded" ? {} : { optional: login }),
	"http request": ({ authType }) => {
		if (authType === "basic" || authType === "digest") return { required: login };
		return authType === "bearer" ? { required: ["password"] } : {};
	},
	"http proxy": () => ({ optional: ["username", "password"] }),
	"tls-config": uploadedCertificates,
	server: ({ addon }) => (addon === true ? {} : { required: ["host", "access_token"] }),
	"e-mail": () => ({ optional: ["userid", "password"] }),
	"e-mail in": () => ({ required: ["userid", "password"] }),
	"telegram bot": () => ({ required: ["token"] }),
	MySQLdatabase: () => ({ required: login }),
	"zigbee2mqtt-server": () => ({ optional: ["mqtt_username", "mqtt_password"] }),
};

/** The secrets that the nodes need, or may need, in the order of the nodes. */
export function secretNeeds(nodes: readonly FlowNode[]): SecretNeed[] {
	return nodes.flatMap((node) => {
		const { required = [], optional = [] } = knownTypes[node.type]?.(node) ?? {};
		return [
			...[...required, ...secretVariables(node)].map((field) => ({ node, field, required: true })),
			...optional.map((field) => ({ node, field, required: false })),
		];
	});
}

/** Is anything known of the secrets of this type? Its form alone tells of more fields than a node uses. */
export function isKnownType(type: string): boolean {
	return type in knownTypes;
}

/** Certificates that were uploaded leave the name of their file; those that are read from a path leave that. */
function uploadedCertificates(node: FlowNode): Fields {
	const files = [
		["certname", "cert", "certdata"],
		["keyname", "key", "keydata"],
		["caname", "ca", "cadata"],
	] as const;
	const uploaded = files.filter(([name, path]) => Boolean(node[name]) && !node[path]);
	return { required: uploaded.map(([, , field]) => field), optional: node.keyname || node.key ? ["passphrase"] : [] };
}

/** Environment variables of the kind "credential", which tabs, groups and subflows have. */
function secretVariables(node: FlowNode): string[] {
	// A subflow's own value is only the one that its uses start from.
	if (node.type === "subflow" || !Array.isArray(node.env)) return [];
	return node.env.flatMap((entry: { name?: unknown; type?: unknown } | null) => {
		return entry?.type === "cred" && typeof entry.name === "string" ? [entry.name] : [];
	});
}
