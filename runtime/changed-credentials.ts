/** Tells Node-RED which nodes have other secrets than before: it compares the nodes alone. Pure. */

import { isDeepStrictEqual } from "node:util";
import type { FlowNode } from "./flows";
import type { NodeCredentials } from "./secrets/node-red-credentials";

/** A flow as it is handed to Node-RED. */
export interface Deployment {
	readonly nodes: readonly FlowNode[];
	readonly credentials: NodeCredentials;
}

/**
 * @param before what runs
 * @returns the same, with the credentials inside the nodes where they have changed, which counts as a changed node; and
 *   with empty credentials for nodes that have lost theirs
 */
export function markChanged(next: Deployment, before: Deployment): Deployment {
	const lost = next.nodes.filter(({ id }) => before.credentials[id] && !next.credentials[id]);
	const credentials: NodeCredentials = { ...next.credentials, ...Object.fromEntries(lost.map(({ id }) => [id, {}])) };
	const nodes = next.nodes.map((node) => {
		const changed = !isDeepStrictEqual(before.credentials[node.id], next.credentials[node.id]);
		return changed ? { ...node, credentials: credentials[node.id] ?? {} } : node;
	});
	return { nodes, credentials };
}
