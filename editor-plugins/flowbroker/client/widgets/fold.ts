/** A heading that unfolds what is below it. */

import { h, icon, show } from "../dom";

export interface Fold {
	readonly element: HTMLElement;
	readonly open: boolean;
	/** Unfolds or folds it. */
	set(open: boolean): void;
}

/**
 * @param head what is always seen; no controls in it, for it is one button itself
 * @param body made when it is first unfolded
 * @param kind `add`: below it is a form for something new
 */
export function fold(head: HTMLElement, body: () => HTMLElement, kind: "row" | "add" = "row"): Fold {
	const symbols = kind === "add" ? ["plus", "minus"] : ["angle-right", "angle-down"];
	const arrow = icon(symbols[0] as string);
	const toggle = h("button", { type: "button", class: "flowbroker-fold-head", "aria-expanded": "false" }, arrow, head);
	const content = h("div", { class: "flowbroker-fold-body", hidden: true });
	const element = h("div", { class: `flowbroker-fold flowbroker-fold-${kind}` }, toggle, content);
	let open = false;
	const set = (wanted: boolean) => {
		open = wanted;
		if (open && content.childElementCount === 0) content.append(body());
		toggle.setAttribute("aria-expanded", String(open));
		arrow.className = `fa fa-${symbols[open ? 1 : 0]}`;
		show(content, open);
	};
	toggle.addEventListener("click", () => set(!open));
	return {
		element,
		set,
		get open() {
			return open;
		},
	};
}
