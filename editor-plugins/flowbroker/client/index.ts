/** Adds the sidebar to Node-RED's editor. */

import { apiCall } from "./api";
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
}
