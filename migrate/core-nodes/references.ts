/** Finds which nodes refer to a config node. */

import type { FlowNode } from "../flow-node";

/** A node and where in it the id stands. */
export interface Reference {
	readonly node: FlowNode;
	/** The property; `env` for a variable of a tab, group or subflow. */
	readonly property: string;
}

/** Properties that hold ids of nodes, but no config nodes. */
const notConfig = new Set(["id", "z", "g", "wires", "nodes", "links", "scope", "in", "out", "status"]);

/** Config node id -> who uses it. Only ids in `ids` are looked for. */
export function findReferences(nodes: readonly FlowNode[], ids: ReadonlySet<string>): Map<string, Reference[]> {
	const found = new Map<string, Reference[]>([...ids].map((id) => [id, []]));
	for (const node of nodes) {
		for (const [property, value] of Object.entries(node)) {
			if (notConfig.has(property)) continue;
			for (const id of new Set(textsIn(value))) found.get(id)?.push({ node, property });
		}
	}
	return found;
}

function textsIn(value: unknown): string[] {
	if (typeof value === "string") return [value];
	if (typeof value !== "object" || value === null) return [];
	return Object.values(value).flatMap(textsIn);
}
