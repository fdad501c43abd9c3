/** Editor half of the request node: the fields that go with the way in which answers are known. */

import { type EditorRed, offerCoreBrokers } from "../editor/core-brokers";
import { field, onChange, show } from "../editor/form";
import { offerTopics } from "../editor/topic-field";
import { topicName, type Verdict } from "../editor/validate";

export { decimal as seconds, whole } from "../editor/validate";

/** Of requests, or of answers; `{id}` is a level like any other. */
export const topic = topicName;

/** @param answers of the node as it is stored; an open form counts before it */
export function answerTopic(value: unknown, answers: unknown): Verdict {
	const kind = field("node-input-answers")?.value ?? String(answers);
	const text = String(value ?? "");
	if (kind === "topic" && text !== "" && !text.split("/").includes("{id}")) {
		return "the answer topic must have a level {id}, or be empty";
	}
	return topicName(value);
}

export function prepare(
	node: { readonly outputs?: unknown; readonly broker?: unknown; readonly z?: string },
	RED: EditorRed,
): void {
	offerCoreBrokers(node, RED);
	offerTopics("node-input-topic", node);
	const second = field("flowbroker-request-second");
	if (second instanceof HTMLInputElement) second.checked = Number(node.outputs) === 2;
	onChange(["node-input-answers", "flowbroker-request-second"], () => {
		const kind = field("node-input-answers")?.value;
		show("flowbroker-request-id", kind === "payload");
		for (const one of ["auto", "topic", "payload", "order"]) show(`flowbroker-request-tip-${one}`, kind === one);
		const outputs = field("node-input-outputs");
		if (outputs && second instanceof HTMLInputElement) outputs.value = second.checked ? "2" : "1";
	});
}
