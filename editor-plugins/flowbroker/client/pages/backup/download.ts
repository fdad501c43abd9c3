/** Saves users, rules and retained messages as a file. */

import { h } from "../../dom";
import { number } from "../../format";
import type { PageContext } from "../../page";
import { download, fileName } from "../../widgets/download";
import { choice, field, form, input } from "../../widgets/form";
import { tell } from "../../widgets/notice";
import { section } from "../../widgets/section";
import { backupText, readAccess, readRetained } from "./backup-file";

export function downloadSection({ t, call }: PageContext): HTMLElement {
	const ticked = () => {
		const box = h("input", { type: "checkbox" });
		box.checked = true;
		return box;
	};
	const access = ticked();
	const retained = ticked();
	const passphrase = input({
		type: "password",
		autocomplete: "new-password",
		placeholder: t("backup.passphraseHint"),
	});
	const save = async () => {
		const users = access.checked ? await readAccess(call, passphrase.value) : null;
		const kept = retained.checked ? await readRetained(call) : null;
		passphrase.value = "";
		if (users === undefined) tell(t("backup.noUsers"), "warning");
		if (kept && kept.tooLarge.length > 0) {
			tell(t("backup.tooLarge", { n: number(kept.tooLarge.length), topic: kept.tooLarge[0] ?? "" }), "warning");
		}
		download(
			`${fileName("flowbroker-backup")}.json`,
			backupText(users ?? null, kept?.messages ?? null),
			"application/json",
		);
	};
	return section(
		t("backup.download"),
		form(
			[
				choice(access, t("backup.access")),
				choice(retained, t("backup.retained")),
				field(t("backup.passphrase"), passphrase),
				h("p", { class: "flowbroker-quiet" }, t("backup.passphraseWhy")),
			],
			{ label: t("backup.save"), icon: "download", click: save },
		),
	);
}
