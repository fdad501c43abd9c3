/** Takes what the broker keeps away as a file, and brings it back; takes over Mosquitto's files. */

import { h } from "../dom";
import type { Page, PageContext } from "../page";
import { downloadSection } from "./backup/download";
import { mosquittoSection } from "./backup/mosquitto";
import { restoreSection } from "./backup/restore";

export function backupPage(context: PageContext): Page {
	const { t, mayChange } = context;
	return {
		pause: 60_000,
		element: mayChange
			? h("div", {}, downloadSection(context), restoreSection(context), mosquittoSection(context))
			: h("p", { class: "flowbroker-empty" }, t("backup.notAllowed")),
		refresh: async () => {},
	};
}
