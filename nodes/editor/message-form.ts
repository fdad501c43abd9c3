/** What the forms of the in, out and request nodes have in common. */

import { type EditorRed, offerCoreBrokers } from "./core-brokers";
import { field, onChange } from "./form";
import { offerTopics } from "./topic-field";

export interface MessageNode {
	readonly broker?: unknown;
	readonly outputs?: unknown;
	/** The flow that it is in. */
	readonly z?: string;
}

/** Offers brokers and topics. @param node whose form is open */
export function prepareMessageForm(node: MessageNode, RED: EditorRed): void {
	offerCoreBrokers(node, RED);
	offerTopics("node-input-topic", node);
}

/** A box that adds an output. @param outputs of a node where it is ticked; it has one less where it is not */
export function prepareOutputBox(id: string, node: MessageNode, outputs: number): void {
	const box = field(id);
	if (!(box instanceof HTMLInputElement)) return;
	box.checked = Number(node.outputs) === outputs;
	onChange([id], () => {
		const stored = field("node-input-outputs");
		if (stored) stored.value = String(box.checked ? outputs : outputs - 1);
	});
}
