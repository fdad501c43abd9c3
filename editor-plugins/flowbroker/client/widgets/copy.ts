/** A button that puts a text into the clipboard. */

import { h } from "../dom";
import type { Translate } from "../text";
import { button } from "./button";
import { tell } from "./notice";

/** @param text asked for when it is pressed */
export function copyButton(
	t: Translate,
	text: () => string,
	look: { label?: string; bare?: boolean } = {},
): HTMLButtonElement {
	return button({ label: t("button.copy"), ...look, icon: "clipboard", click: () => copy(t, text()) });
}

/** Browsers offer their clipboard only to pages over https or of this machine; the old way goes everywhere. */
async function copy(t: Translate, text: string): Promise<void> {
	if (navigator.clipboard) await navigator.clipboard.writeText(text);
	else copyBySelection(text);
	tell(t("button.copied"), "success");
}

function copyBySelection(text: string): void {
	const before = document.activeElement;
	const area = h("textarea", { class: "flowbroker-off-screen" });
	area.value = text;
	document.body.append(area);
	area.select();
	document.execCommand("copy");
	area.remove();
	if (before instanceof HTMLElement) before.focus();
}
