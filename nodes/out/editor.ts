/** Editor half of the out node. */

import type { EditorRed } from "../editor/core-brokers";
import { field, onChange, show } from "../editor/form";
import { type MessageNode, prepareMessageForm, prepareOutputBox } from "../editor/message-form";

export { jsonObject, seconds, topicName as topic, whole } from "../editor/validate";

export function prepare(node: MessageNode, RED: EditorRed): void {
	prepareMessageForm(node, RED);
	prepareOutputBox("flowbroker-out-result", node, 1);
	onChange(["node-input-queueDrop"], () => {
		show("flowbroker-out-queueSize", field("node-input-queueDrop")?.value !== "refuse");
	});
}
