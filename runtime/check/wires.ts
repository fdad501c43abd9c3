/** Finds wires that end nowhere. Pure. */

import type { FlowNode } from "../flows";
import { type Finding, type Flow, finding } from "./finding";

/** Says something for every node with a wire to a node that is in no file. */
export function checkWires(flow: Flow): Finding[] {
	const ids = new Set(flow.nodes.map(({ id }) => id));
	return flow.nodes.flatMap((node) => {
		const lost = [...new Set(targetsOf(node).filter((id) => !ids.has(id)))];
		const what = (id: string) => `is wired to ${id}, which is in no file. Export both together, or remove the wire.`;
		return lost.map((id) => finding(flow, "warning", "WIRE_TO_NOWHERE", node, what(id)));
	});
}

function targetsOf(node: FlowNode): string[] {
	const outputs = Array.isArray(node.wires) ? node.wires.flat() : [];
	return [...outputs, ...subflowTargets(node)].filter((id): id is string => typeof id === "string");
}

/** A subflow's own inputs and outputs are wired to the nodes inside; an id of its own is a wire from input to output. */
function subflowTargets(node: FlowNode): unknown[] {
	if (node.type !== "subflow") return [];
	const ports: unknown[] = [node.in, node.out].flatMap((list) => (Array.isArray(list) ? list : []));
	return [...ports, node.status].flatMap((port) => {
		const wires = (port as { wires?: unknown } | null | undefined)?.wires;
		return Array.isArray(wires) ? wires.map((wire: { id?: unknown } | null) => wire?.id) : [];
	});
}
