/** A part of a page with its heading. */

import { type Child, h } from "../dom";

export function section(title: string, ...content: readonly Child[]): HTMLElement {
	return h("section", { class: "flowbroker-section", "aria-label": title }, h("h4", {}, title), ...content);
}
