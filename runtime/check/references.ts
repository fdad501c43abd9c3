/** Finds references to nodes that are not there: brokers, TLS settings, link partners. Pure. */

import type { FlowNode } from "../flows";
import { activeNodes, isDisabled, isFromEnvironment } from "./active";
import { type Finding, type Flow, finding, nameOf } from "./finding";
import type { NodeForms, ReferenceProperty } from "./node-forms";

/** Says something for every broken, missing or pointless reference of the nodes that will run. */
export function checkReferences(flow: Flow, forms: NodeForms): Finding[] {
	const byId = new Map(flow.nodes.map((node) => [node.id, node]));
	return activeNodes(flow.nodes).flatMap((node) => {
		const references = [...(forms.get(node.type)?.references ?? [])];
		return references.flatMap(([property, kind]) => checkProperty(flow, byId, node, property, kind));
	});
}

function checkProperty(
	flow: Flow,
	byId: ReadonlyMap<string, FlowNode>,
	node: FlowNode,
	property: string,
	{ type, many, required }: ReferenceProperty,
): Finding[] {
	const value = node[property];
	if (many) {
		const ids = Array.isArray(value) ? value.filter((id): id is string => typeof id === "string") : [];
		const lost = ids.filter((id) => !byId.has(id));
		const what = (id: string) => `is linked to ${id}, which is in no file. Export the flow together with it.`;
		return lost.map((id) => finding(flow, "warning", "WIRE_TO_NOWHERE", node, what(id)));
	}
	if (value === undefined || value === null || value === "") {
		if (!required) return [];
		const what = `has no "${property}". Open it in the editor and choose one.`;
		return [finding(flow, "warning", "REFERENCE_MISSING", node, what)];
	}
	if (typeof value !== "string" || isFromEnvironment(value)) return [];
	const other = byId.get(value);
	if (!other) {
		const what = `refers with "${property}" to the ${type} ${value}, which is in no file. Export the flow again, together with it.`;
		return [finding(flow, "error", "REFERENCE_BROKEN", node, what)];
	}
	if (type !== "*" && other.type !== type) {
		const what = `needs a ${type} as "${property}", but refers to ${nameOf(other)}. Choose another one in the editor.`;
		return [finding(flow, "error", "REFERENCE_BROKEN", node, what)];
	}
	if (!isDisabled(other)) return [];
	const what = `uses ${nameOf(other)}, which is disabled. Enable it in the editor.`;
	return [finding(flow, "warning", "REFERENCE_DISABLED", node, what)];
}
