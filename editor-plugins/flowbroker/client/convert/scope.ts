/** Which nodes of the editor are to be converted. */

import type { EditorNode, ExportedNode } from "../node-red";

export const scopes = ["selection", "tab", "all"] as const;
export type Scope = (typeof scopes)[number];

/** On the canvas: their config nodes go along. */
const canvasTypes = new Set(["mqtt in", "mqtt out", "aedes broker"]);

/** The nodes that can be converted, in one place. */
export interface Candidates {
	/** Ids of those on the canvas. */
	readonly ids: Readonly<Record<Scope, readonly string[]>>;
	/** Are there others, in flows that are locked? */
	readonly locked: boolean;
}

export function candidates(nodes: readonly ExportedNode[]): Candidates {
	const there = nodes.filter(({ type }) => canvasTypes.has(type));
	const free = there.filter(({ z }) => z === undefined || !RED.workspaces.isLocked(z));
	const selected = new Set(selectedNodes().map(({ id }) => id));
	const tab = RED.workspaces.active();
	const ids = (list: readonly ExportedNode[]) => list.map(({ id }) => id);
	return {
		ids: {
			selection: ids(free.filter(({ id }) => selected.has(id))),
			tab: ids(free.filter(({ z }) => z === tab)),
			all: ids(free),
		},
		locked: free.length < there.length,
	};
}

/** With the nodes of groups. */
function selectedNodes(): readonly EditorNode[] {
	const { nodes = [] } = RED.view.selection();
	return nodes.flatMap((node) => (node.type === "group" ? RED.group.getNodes(node, true) : [node]));
}
