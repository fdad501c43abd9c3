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
 */
export function fold(head: HTMLElement, body: () => HTMLElement, kind: "row" | "section" = "row"): Fold {
	const arrow = icon("angle-right");
	const toggle = h("button", { type: "button", class: "flowbroker-fold-head", "aria-expanded": "false" }, arrow, head);
	const content = h("div", { class: "flowbroker-fold-body", hidden: true });
	const element = h("div", { class: `flowbroker-fold flowbroker-fold-${kind}` }, toggle, content);
	let open = false;
	const set = (wanted: boolean) => {
		open = wanted;
		if (open && content.childElementCount === 0) content.append(body());
		toggle.setAttribute("aria-expanded", String(open));
		arrow.className = `fa fa-angle-${open ? "down" : "right"}`;
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
