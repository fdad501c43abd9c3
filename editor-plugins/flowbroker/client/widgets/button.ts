/** Buttons in Node-RED's style. */

import { sentenceOf } from "../api";
import { h, icon } from "../dom";
import { tell } from "./notice";

export interface ButtonOptions {
	readonly label: string;
	/** Name of a Font Awesome icon. */
	readonly icon?: string;
	/** Shows the icon only; the label is for screen readers and as a tooltip. */
	readonly bare?: boolean;
	readonly primary?: boolean;
	/** What it does; an error is shown as a notification. */
	click(): void | Promise<void>;
}

/** Can't be pressed again before it is done. */
export function button({ label, icon: symbol, bare, primary, click }: ButtonOptions): HTMLButtonElement {
	const classes = ["red-ui-button", "red-ui-button-small", "flowbroker-button"];
	if (primary) classes.push("primary");
	const element = h(
		"button",
		{ type: "button", class: classes.join(" "), "aria-label": bare ? label : undefined },
		symbol ? icon(symbol) : null,
		bare ? null : h("span", {}, label),
	);
	if (bare) RED.popover.tooltip($(element), label);
	element.addEventListener("click", () => void run(element, click));
	return element;
}

/** Runs what a button or a form stands for. */
export async function run(control: HTMLButtonElement, action: () => void | Promise<void>): Promise<void> {
	if (control.getAttribute("aria-disabled") === "true") return;
	// A disabled button would lose the focus.
	control.setAttribute("aria-disabled", "true");
	try {
		await action();
	} catch (error) {
		tell(sentenceOf(error), "error");
	} finally {
		control.removeAttribute("aria-disabled");
	}
}
