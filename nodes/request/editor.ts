/** Editor half of the request node: the fields that go with the way in which answers are known. */

import type { EditorRed } from "../editor/core-brokers";
import { field, onChange, show } from "../editor/form";
import { type MessageNode, prepareMessageForm, prepareOutputBox } from "../editor/message-form";
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

export function prepare(node: MessageNode, RED: EditorRed): void {
	prepareMessageForm(node, RED);
	prepareOutputBox("flowbroker-request-second", node, 2);
	onChange(["node-input-answers"], () => {
		const kind = field("node-input-answers")?.value;
		show("flowbroker-request-id", kind === "payload");
		for (const one of ["auto", "topic", "payload", "order"]) show(`flowbroker-request-tip-${one}`, kind === one);
	});
}
