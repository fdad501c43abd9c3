/** Makes a node for a topic, which then hangs at the pointer until it is put down. */

import { IN_NODE } from "../../node-red";
import type { PageContext } from "../../page";
import { button } from "../../widgets/button";

/** @param topic asked for when it is pressed. @returns undefined for a login that may not change flows */
export function toCanvasButton({ t, broker }: PageContext, topic: () => string): HTMLElement | undefined {
	if (!RED.user.hasPermission("flows.write")) return undefined;
	return button({
		label: t("topics.toCanvas"),
		icon: "sign-in",
		bare: true,
		click: () => {
			const node = { id: "new", type: IN_NODE, name: "", topic: topic(), broker, wires: [[]] };
			RED.view.importNodes([node], { generateIds: true, applyNodeDefaults: true, notify: false });
		},
	});
}
