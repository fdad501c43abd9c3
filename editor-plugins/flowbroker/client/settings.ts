/** The way from the sidebar to the node of a broker. */

import type { Translate } from "./text";
import { tell } from "./widgets/notice";

const TYPE = "flowbroker-broker";

/** Opens the form of the broker's config node. */
export function editBroker(id: string, t: Translate): void {
	if (RED.nodes.node(id)) RED.editor.editConfig("", TYPE, id);
	else tell(t("panel.noNode"), "warning");
}
