/** Takes over Mosquitto's password file and ACL file: first it is said what would change, and what can't be taken over. */

import type { ImportPreview, MosquittoFiles } from "../../../../../broker/http/contract";
import { h, replaceChildren } from "../../dom";
import { number } from "../../format";
import type { PageContext } from "../../page";
import { button } from "../../widgets/button";
import { fileField } from "../../widgets/file-field";
import { choice, form } from "../../widgets/form";
import { confirm, tell } from "../../widgets/notice";
import { section } from "../../widgets/section";
import { changeLines } from "./changes";

/** Problems in the list: who has more of them mends the file first. */
const SHOWN = 50;

export function mosquittoSection({ t, call, refresh }: PageContext): HTMLElement {
	const preview = h("div", { role: "status" });
	const forget = () => replaceChildren(preview);
	const passwords = fileField(t("mosquitto.passwords"), "", forget);
	const acl = fileField(t("mosquitto.acl"), "", forget);
	const anonymous = h("input", { type: "checkbox" });
	anonymous.addEventListener("change", forget);

	const look = async () => {
		forget();
		const [passwordText, aclText] = await Promise.all([passwords.text(), acl.text()]);
		if (passwordText === undefined && aclText === undefined) throw new Error(t("mosquitto.noFile"));
		const files: MosquittoFiles = {
			...(passwordText !== undefined && { passwords: passwordText }),
			...(aclText !== undefined && { acl: aclText }),
			anonymous: anonymous.checked,
		};
		const found = await call("POST /brokers/:broker/mosquitto/preview", files);
		const lines = changeLines(found.changes, t);
		replaceChildren(
			preview,
			h(
				"ul",
				{ class: "flowbroker-changes" },
				...(lines.length > 0 ? lines : [t("changes.none")]).map((line) => h("li", {}, line)),
			),
			problemsOf(found),
			h(
				"div",
				{ class: "flowbroker-buttons" },
				button({ label: t("mosquitto.import"), icon: "upload", click: () => take(files, found) }),
			),
		);
	};

	function problemsOf({ problems }: ImportPreview): HTMLElement | null {
		if (problems.length === 0) return null;
		return h(
			"div",
			{},
			h("p", { class: "flowbroker-deny" }, t("mosquitto.problems", { n: number(problems.length) })),
			h(
				"ul",
				{ class: "flowbroker-changes" },
				...problems.slice(0, SHOWN).map(({ file, line, reason }) => {
					const place = t(file === "acl" ? "mosquitto.acl" : "mosquitto.passwords");
					return h("li", {}, line === 0 ? `${place}: ${reason}` : t("mosquitto.line", { place, line, reason }));
				}),
			),
		);
	}

	async function take(files: MosquittoFiles, { complete, changes }: ImportPreview): Promise<void> {
		const n = changes.users.removed.length + changes.groups.removed.length;
		const questions = [t("mosquitto.question"), ...(n > 0 ? [t("mosquitto.lost", { n: number(n) })] : [])];
		if (!complete) questions.push(t("mosquitto.partly"));
		if (!(await confirm(t, questions.join(" "), t("mosquitto.import")))) return;
		await call("POST /brokers/:broker/mosquitto/import", { ...files, partial: !complete, replace: n > 0 });
		tell(t("mosquitto.done"), "success");
		passwords.clear();
		acl.clear();
		forget();
		refresh();
	}

	return section(
		t("mosquitto.title"),
		h("p", { class: "flowbroker-quiet" }, t("mosquitto.why")),
		form([passwords.element, acl.element, choice(anonymous, t("mosquitto.anonymous"))], {
			label: t("backup.preview"),
			icon: "search",
			click: look,
		}),
		preview,
	);
}
