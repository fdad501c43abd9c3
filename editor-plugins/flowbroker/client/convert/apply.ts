/** Puts converted nodes into the editor, as one step that can be undone. */

import type { ConvertAnswer } from "../../../../migrate/convert-request";
import type { EditorNode, ExportedNode } from "../node-red";

/**
 * The type of a node can't be changed in its place. As Node-RED's own merge of flows does, all flows are taken out and
 * put in again, and the history keeps what was there.
 */
export function applyConversion({ replaced, added, copies }: ConvertAnswer): void {
	const before = RED.nodes.createCompleteNodeSet();
	const held = new Map(before.map((node) => [node.id, node.credentials]));
	const copiedFrom = new Map(Object.entries(copies).map(([from, to]) => [to, from]));
	const byId = new Map(replaced.map((node) => [node.id, node]));
	const after = [
		...before.map((node) => withCredentials(byId.get(node.id) ?? node, held.get(node.id))),
		...added.map((node) => withCredentials(node, held.get(copiedFrom.get(node.id) ?? ""))),
	];
	const changed = flagsOf(before, "changed");
	const moved = flagsOf(before, "moved");
	const version = RED.nodes.version();
	const shown = RED.workspaces.active();
	RED.history.push({
		t: "replace",
		complete: true,
		config: before,
		changed,
		moved,
		dirty: RED.nodes.dirty(),
		rev: version,
	});
	RED.nodes.clear();
	const isNew = new Set([...replaced, ...added].map(({ id }) => id));
	for (const node of RED.nodes.import(after)?.nodes ?? []) {
		if (changed[node.id] || isNew.has(node.id)) node.changed = true;
		if (moved[node.id]) node.moved = true;
	}
	RED.nodes.version(version);
	RED.nodes.dirty(true);
	RED.view.redraw(true);
	RED.palette.refresh();
	RED.workspaces.refresh();
	RED.workspaces.show(shown, true);
	RED.sidebar.config.refresh();
}

/** What was typed here and not deployed yet; all else is on the server, under the same id. */
function withCredentials(node: ExportedNode, credentials: object | undefined): ExportedNode {
	return credentials ? { ...node, credentials } : node;
}

function flagsOf(nodes: readonly ExportedNode[], flag: "changed" | "moved"): Record<string, true> {
	const found = nodes.filter(({ id }) => (RED.nodes.node(id) as EditorNode | null)?.[flag]);
	return Object.fromEntries(found.map(({ id }) => [id, true]));
}
