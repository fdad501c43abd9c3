/** Broker nodes that are chosen by a variable of a subflow, group or tab: `${BROKER}` in place of an id. */

import { type FlowNode, ownTypes } from "../flow-node";

/** Is the config node chosen by a variable? */
export function isVariable(value: unknown): boolean {
	return typeof value === "string" && /^(\$\{[^}]+\}|\$\([^)]+\))$/.test(value);
}

/**
 * The node with its variables that name converted config nodes.
 * @param movedTo id of a core config node -> id of the converted one
 */
export function withVariables(node: FlowNode, movedTo: ReadonlyMap<string, string>): FlowNode {
	if (!Array.isArray(node.env)) return node;
	let changed = false;
	const env = (node.env as unknown[]).map((entry) => {
		if (typeof entry !== "object" || entry === null) return entry;
		const { value, type } = entry as { value?: unknown; type?: unknown };
		const moved = typeof value === "string" ? movedTo.get(value) : undefined;
		// The type of such a variable is that of its config nodes.
		const retyped = type === "mqtt-broker" && (moved !== undefined || value === "" || value === undefined);
		if (moved === undefined && !retyped) return entry;
		changed = true;
		return { ...entry, ...(moved !== undefined && { value: moved }), ...(retyped && { type: ownTypes.broker }) };
	});
	return changed ? { ...node, env } : node;
}
