/** What the plugin adds to Node-RED's editor: the sidebar, the conversion of nodes, and topics for the forms of nodes. */

import { apiCall } from "./api";
import { type CompletionSource, completionSource } from "./completion";
import { addConversion } from "./convert/convert";
import { createPanel } from "./panel";
import { translator } from "./text";

const TAB = "flowbroker";
const ACTION = "flowbroker:show-sidebar";

/** @param lookup finds a text of this plugin's catalogue */
export function addSidebar(lookup: (key: string) => string): void {
	const t = translator(lookup);
	RED.actions.add(ACTION, () => RED.sidebar.show(TAB));
	RED.sidebar.addTab({
		id: TAB,
		label: t("sidebar.label"),
		name: t("sidebar.name"),
		iconClass: "fa fa-share-alt",
		content: $(createPanel(apiCall(t), t)),
		action: ACTION,
		enableOnEdit: true,
		pinned: true,
		target: "primary",
	});
	addConversion(t);
}

/** To be registered as a plugin. @param lookup finds a text of this plugin's catalogue */
export function topicCompletion(lookup: (key: string) => string): CompletionSource {
	return completionSource(apiCall(translator(lookup)));
}
