/** Asks for the token. */

import { h, setText, show } from "../dom";
import type { Translate } from "../text";

/** @param enter tries a token; resolves with a sentence when it is not accepted */
export function loginForm(t: Translate, enter: (token: string) => Promise<string | undefined>): HTMLElement {
	const token = h("input", { type: "password", id: "token", required: true, autocomplete: "off", autofocus: true });
	const problem = h("p", { class: "flowbroker-problem", role: "alert", hidden: true });
	const form = h(
		"form",
		{ class: "standalone-login" },
		h("h1", {}, "flowbroker"),
		h("label", { for: "token" }, t("standalone.token")),
		token,
		h("p", { class: "flowbroker-quiet" }, t("standalone.help")),
		problem,
		h("button", { type: "submit", class: "red-ui-button primary" }, t("standalone.enter")),
	);
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		void enter(token.value.trim()).then((sentence) => {
			token.value = "";
			setText(problem, sentence ?? "");
			show(problem, sentence !== undefined);
			token.focus();
		});
	});
	return form;
}
