/** Tells which nodes of a flow Node-RED will make. */

import type { FlowNode } from "../flows";

/** All but those that are disabled, or on a disabled tab. Those inside a subflow count. */
export function activeNodes(nodes: readonly FlowNode[]): FlowNode[] {
	const disabledTabs = new Set(nodes.filter(isDisabled).map(({ id }) => id));
	return nodes.filter((node) => !isDisabled(node) && !disabledTabs.has(String(node.z)));
}

/** A tab says `disabled`, a node `d`. */
export function isDisabled(node: FlowNode): boolean {
	return node.d === true || (node.type === "tab" && node.disabled === true);
}

/** A value that the environment gives when the flow starts. */
export function isFromEnvironment(value: string): boolean {
	return /\$\{[^}]+\}|^\$\(\S+\)$/.test(value);
}
