/** Brings a backup back: first it is said what would change. */

import { h, replaceChildren } from "../../dom";
import { number } from "../../format";
import type { PageContext } from "../../page";
import { button } from "../../widgets/button";
import { fileField } from "../../widgets/file-field";
import { field, form, input } from "../../widgets/form";
import { confirm, tell } from "../../widgets/notice";
import { section } from "../../widgets/section";
import { type BackupFile, parseBackup, writeRetained } from "./backup-file";
import { changeLines } from "./changes";

export function restoreSection({ t, call, refresh }: PageContext): HTMLElement {
	const preview = h("div", { role: "status" });
	const passphrase = input({ type: "password", autocomplete: "off" });
	const file = fileField(t("backup.file"), ".json,application/json", () => replaceChildren(preview));

	const withPassphrase = () => (passphrase.value === "" ? {} : { passphrase: passphrase.value });

	const look = async () => {
		replaceChildren(preview);
		const text = await file.text();
		if (text === undefined) throw new Error(t("backup.noFile"));
		const backup = parseBackup(text, t);
		const lines = await linesOf(backup);
		replaceChildren(
			preview,
			h("p", {}, t("backup.madeAt", { time: new Date(backup.made).toLocaleString() })),
			h("ul", { class: "flowbroker-changes" }, ...lines.map((line) => h("li", {}, line))),
			h(
				"div",
				{ class: "flowbroker-buttons" },
				button({ label: t("backup.restore"), icon: "upload", click: () => restore(backup) }),
			),
		);
	};

	async function linesOf({ access, retained }: BackupFile): Promise<string[]> {
		const lines: string[] = [];
		if (access) {
			const { changes, withoutPassword } = await call("POST /brokers/:broker/backup/preview", {
				backup: access,
				...withPassphrase(),
			});
			lines.push(...changeLines(changes, t));
			if (lines.length === 0) lines.push(t("changes.none"));
			if (withoutPassword.length > 0) {
				lines.push(t("backup.withoutPassword", { names: withoutPassword.slice(0, 20).join(", ") }));
			}
		}
		if (retained) lines.push(t("backup.retainedCount", { n: number(retained.length) }));
		return lines.length > 0 ? lines : [t("backup.emptyFile")];
	}

	async function restore({ access, retained }: BackupFile): Promise<void> {
		if (!(await confirm(t, t("backup.question"), t("backup.restore")))) return;
		if (access) await call("POST /brokers/:broker/backup/restore", { backup: access, ...withPassphrase() });
		const restored = retained ? await writeRetained(call, retained) : 0;
		tell(t("backup.restored", { n: number(restored) }), "success");
		passphrase.value = "";
		file.clear();
		replaceChildren(preview);
		refresh();
	}

	return section(
		t("backup.restoreTitle"),
		form([file.element, field(t("backup.passphrase"), passphrase)], {
			label: t("backup.preview"),
			icon: "search",
			click: look,
		}),
		preview,
	);
}
