/** Topics are dragged to the canvas as nodes are from the palette: what is put down is an in node, ready for use. */

import { h, setText } from "../../dom";
import { type AddedNode, type DragEvents, IN_NODE } from "../../node-red";
import type { PageContext } from "../../page";

/**
 * @param tree holds rows that come and go
 * @param topicAt the topic of the row that something is in
 */
export function dragToCanvas(
	tree: HTMLElement,
	{ broker }: PageContext,
	topicAt: (inside: Element) => string | undefined,
): void {
	if (!RED.user.hasPermission("flows.write")) return;
	// The canvas takes what looks like an entry of the palette, and asks it for its type.
	const entry = $(h("div", { class: "red-ui-palette-node", "data-palette-type": IN_NODE }));
	const wrapped = $(tree);
	let topic: string | undefined;

	// The row that is pressed may be drawn anew before the pointer moves.
	tree.addEventListener("mousedown", ({ target }) => {
		topic = target instanceof Element ? topicAt(target) : undefined;
	});

	const fill = (node: AddedNode) => {
		if (node.type !== IN_NODE || topic === undefined) return;
		RED.nodes.updateConfigNodeUsers(node, { action: "remove" });
		node.topic = topic;
		node.broker = broker;
		RED.nodes.updateConfigNodeUsers(node, { action: "add" });
	};
	const events: DragEvents = {
		start: () => {
			if (topic === undefined) return false;
			wrapped.draggable("instance").currentItem = entry;
			RED.events.on("nodes:add", fill);
			return true;
		},
		// After the drop: by then the node is there.
		stop: () => RED.events.off("nodes:add", fill),
	};
	wrapped.draggable({
		helper: () => $(helperFor(topic ?? "")),
		appendTo: "#red-ui-editor",
		cursorAt: { left: 50, top: 15 },
		distance: 6,
		revert: "invalid",
		revertDuration: 200,
		scroll: false,
		...events,
	});
}

/** As the entry of the palette, with the topic as its label. */
function helperFor(topic: string): HTMLElement {
	const own = document.querySelector<HTMLElement>(`.red-ui-palette-node[data-palette-type="${IN_NODE}"]`);
	const copy = own ? (own.cloneNode(true) as HTMLElement) : h("div", { class: "red-ui-palette-node" });
	copy.style.display = "";
	// As wide as the topic, as the node will be.
	copy.style.width = "max-content";
	copy.style.maxWidth = "400px";
	const label = copy.querySelector(".red-ui-palette-label") ?? copy;
	setText(label, topic);
	return copy;
}
