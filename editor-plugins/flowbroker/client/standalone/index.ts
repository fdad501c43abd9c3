/** The pages of the sidebar as a web page of their own, for a machine without the editor. */

import german from "../../locales/de/flowbroker.json";
import english from "../../locales/en-US/flowbroker.json";
import { ApiError, apiCall, sentenceOf } from "../api";
import { h } from "../dom";
import { createPanel } from "../panel";
import { type TextKey, translator } from "../text";
import { loginForm } from "./login";
import { session } from "./session";

/** Texts that speak of Node-RED's editor, and what is said here. */
const replaced: { readonly [Key in TextKey]?: TextKey } = {
	"panel.noBroker": "standalone.noBroker",
	"error.noAnswer": "standalone.noAnswer",
	"error.notAllowed": "standalone.notAllowed",
	"error.strange": "standalone.strange",
};

const catalogue: unknown = navigator.language.startsWith("de") ? german : english;
const t = translator(lookup);
const call = apiCall(t);

document.documentElement.lang = catalogue === german ? "de" : "en";
showLogin();

function showLogin(): void {
	document.body.replaceChildren(loginForm(t, enter));
	document.getElementById("token")?.focus();
}

/** @returns why not */
async function enter(token: string): Promise<string | undefined> {
	session.begin(token, () => {});
	try {
		await call("GET /brokers", {});
	} catch (error) {
		const wrong = error instanceof ApiError && error.code === "TOKEN_WRONG";
		return wrong ? t("standalone.wrongToken") : sentenceOf(error);
	}
	session.begin(token, showLogin);
	const leave = h("button", { type: "button", class: "red-ui-button standalone-leave" }, t("standalone.leave"));
	leave.addEventListener("click", () => session.end());
	const head = h("header", { class: "standalone-head" }, h("strong", {}, "flowbroker"), location.host, leave);
	document.body.replaceChildren(head, h("main", {}, createPanel(call, t)));
	return undefined;
}

/** A text by its path, as in `panel.broker`. */
function lookup(key: string): string {
	const path: string = replaced[key as TextKey] ?? key;
	const found = path
		.split(".")
		.reduce<unknown>((place, name) => (place as Record<string, unknown> | undefined)?.[name], catalogue);
	return typeof found === "string" ? found : key;
}
