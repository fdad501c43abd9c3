/** Chooses between a password that is made up and one that is typed. */

import type { PasswordChoice } from "../../../../../broker/http/contract";
import { h, show } from "../../dom";
import type { Translate } from "../../text";
import { choice, field, input, select } from "../../widgets/form";

export interface PasswordFields {
	readonly element: HTMLElement;
	choice(): PasswordChoice;
	/** No password stays in the page. */
	clear(): void;
}

export function passwordFields(t: Translate): PasswordFields {
	const how = select([
		["generate", t("password.generate")],
		["type", t("password.type")],
	]);
	const typed = input({ type: "password", autocomplete: "new-password" });
	const visible = h("input", { type: "checkbox" });
	const typing = h("div", { hidden: true }, field(t("password.typed"), typed), choice(visible, t("password.visible")));
	how.addEventListener("change", () => show(typing, how.value === "type"));
	visible.addEventListener("change", () => {
		typed.type = visible.checked ? "text" : "password";
	});
	return {
		element: h("div", {}, field(t("password.password"), how), typing),
		choice: () => (how.value === "type" ? { password: typed.value } : { generate: true }),
		clear: () => {
			typed.value = "";
		},
	};
}
