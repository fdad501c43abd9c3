/** Notifications and questions, by Node-RED's own. */

import { h } from "../dom";
import type { Translate } from "../text";

export function tell(sentence: string, type: "success" | "warning" | "error"): void {
	RED.notify(h("p", {}, sentence), { type });
}

/**
 * Asks before something that can't be undone.
 * @param action what the button says that does it
 */
export function confirm(t: Translate, question: string, action: string): Promise<boolean> {
	const before = document.activeElement;
	return new Promise((resolve) => {
		const text = h("p", {}, question);
		const answer = (yes: boolean) => () => {
			notification.close();
			document.removeEventListener("keydown", onEscape, true);
			if (before instanceof HTMLElement) before.focus();
			resolve(yes);
		};
		const onEscape = (event: KeyboardEvent) => {
			if (event.key !== "Escape") return;
			event.stopPropagation();
			answer(false)();
		};
		const notification = RED.notify(text, {
			type: "warning",
			modal: true,
			fixed: true,
			buttons: [
				{ text: t("button.cancel"), click: answer(false) },
				{ text: action, class: "primary", click: answer(true) },
			],
		});
		const box = text.parentElement;
		box?.setAttribute("role", "alertdialog");
		box?.setAttribute("aria-label", question);
		box?.querySelector("button")?.focus();
		document.addEventListener("keydown", onEscape, true);
	});
}
