/** Editor half of the in node: one topic, or subscriptions that messages control. */

import { field, onChange, show } from "../editor/form";
import { topicFilter, type Verdict } from "../editor/validate";

/** @param inputs of the node as it is stored; an open form counts before it */
export function topic(value: unknown, inputs: unknown): Verdict {
	return isDynamic(inputs) ? true : topicFilter(value);
}

export function prepare(node: { readonly inputs?: unknown }): void {
	const choice = field("node-input-topicType");
	if (choice) choice.value = Number(node.inputs) === 1 ? "dynamic" : "topic";
	onChange(["node-input-topicType", "node-input-datatype"], () => {
		const dynamic = isDynamic(node.inputs);
		const inputs = field("node-input-inputs");
		if (inputs) inputs.value = dynamic ? "1" : "0";
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
