/** Editor half of the in node: one topic, or subscriptions that messages control. */

import type { EditorRed } from "../editor/core-brokers";
import { field, onChange, show } from "../editor/form";
import { type MessageNode, prepareMessageForm } from "../editor/message-form";
import { topicFilter, type Verdict } from "../editor/validate";

/** @param inputs of the node as it is stored; an open form counts before it */
export function topic(value: unknown, inputs: unknown): Verdict {
	return isDynamic(inputs) ? true : topicFilter(value);
}

export { whole } from "../editor/validate";

interface InNode extends MessageNode {
	readonly inputs?: unknown;
	readonly pace?: unknown;
	readonly topic?: unknown;
}

export function prepare(node: InNode, RED: EditorRed): void {
	prepareMessageForm(node, RED);
	const choice = field("node-input-topicType");
	// A node that is asked for its messages has an input, too.
	const dynamic = Number(node.inputs) === 1 && !(node.pace === "asked" && node.topic);
	if (choice) choice.value = dynamic ? "dynamic" : "topic";
	onChange(["node-input-topicType", "node-input-datatype", "node-input-pace"], () => {
		const dynamic = isDynamic(node.inputs);
		const asked = field("node-input-pace")?.value === "asked";
		const inputs = field("node-input-inputs");
		if (inputs) inputs.value = dynamic || asked ? "1" : "0";
		show("flowbroker-in-pace", asked);
		show("flowbroker-in-static", !dynamic);
		show("flowbroker-in-datatype-tip", field("node-input-datatype")?.value === "auto");
	});
}

/** Before the form is stored: a topic that no longer counts is taken away. */
export function save(): void {
	const topic = field("node-input-topic");
	if (topic && isDynamic(undefined)) topic.value = "";
}

function isDynamic(inputs: unknown): boolean {
	const choice = field("node-input-topicType");
	return choice ? choice.value === "dynamic" : Number(inputs) === 1;
}
