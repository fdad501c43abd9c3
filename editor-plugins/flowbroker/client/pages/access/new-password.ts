/** Shows a password that was made up, until it is put away: the server does not know it any more. */

import { h, replaceChildren } from "../../dom";
import type { Translate } from "../../text";
import { button } from "../../widgets/button";
import { copyButton } from "../../widgets/copy";

export interface NewPassword {
	readonly element: HTMLElement;
	/** @param password undefined where it was typed: then there is nothing to show */
	show(user: string, password: string | undefined): void;
}

export function newPassword(t: Translate): NewPassword {
	const element = h("div", { role: "status" });
	return {
		element,
		show(user, password) {
			if (password === undefined) return replaceChildren(element);
			const away = button({ label: t("password.away"), click: () => replaceChildren(element) });
			replaceChildren(
				element,
				h(
					"div",
					{ class: "flowbroker-secret" },
					h("p", {}, t("password.once", { user })),
					h("code", { class: "flowbroker-mono" }, password),
					h(
						"div",
						{ class: "flowbroker-buttons" },
						copyButton(t, () => password),
						away,
					),
				),
			);
		},
	};
}
