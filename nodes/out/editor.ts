/** Editor half of the out node. */

import { type EditorRed, offerCoreBrokers } from "../editor/core-brokers";
import { field, onChange, show } from "../editor/form";
import { offerTopics } from "../editor/topic-field";

export { jsonObject, seconds, topicName as topic, whole } from "../editor/validate";

export function prepare(
	node: { readonly outputs?: unknown; readonly broker?: unknown; readonly z?: string },
	RED: EditorRed,
): void {
	offerCoreBrokers(node, RED);
	offerTopics("node-input-topic", node);
	const result = field("flowbroker-out-result");
	if (result instanceof HTMLInputElement) result.checked = Number(node.outputs) === 1;
	onChange(["flowbroker-out-result", "node-input-queueDrop"], () => {
		const outputs = field("node-input-outputs");
		if (outputs && result instanceof HTMLInputElement) outputs.value = result.checked ? "1" : "0";
		show("flowbroker-out-queueSize", field("node-input-queueDrop")?.value !== "refuse");
	});
}
