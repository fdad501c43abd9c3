/** Fields with labels, and forms that run what they stand for. */

import { type Child, h } from "../dom";
import { type ButtonOptions, button, run } from "./button";

export type Choices<Value extends string> = ReadonlyArray<readonly [value: Value, label: string]>;

/** A label above its control. */
export function field(label: string, control: HTMLElement): HTMLElement {
	// The choices of a list would count as part of a label around it.
	control.setAttribute("aria-label", label);
	return h("label", { class: "flowbroker-field" }, h("span", {}, label), control);
}

/** A control that has its label beside it: a checkbox or a radio button. */
export function choice(control: HTMLInputElement, label: string): HTMLElement {
	return h("label", { class: "flowbroker-choice" }, control, h("span", {}, label));
}

export function input(attributes: Readonly<Record<string, string | boolean>> = {}): HTMLInputElement {
	return h("input", { type: "text", autocomplete: "off", spellcheck: "false", ...attributes });
}

export function select<Value extends string>(choices: Choices<Value>): HTMLSelectElement {
	const element = h("select");
	setChoices(element, choices);
	return element;
}

/** Keeps what is chosen, as long as it is still among the choices; writes only what has changed. */
export function setChoices(element: HTMLSelectElement, choices: Choices<string>): void {
	const same =
		element.options.length === choices.length &&
		choices.every(([value, label], at) => element.options[at]?.value === value && element.options[at]?.text === label);
	if (same) return;
	const chosen = element.value;
	element.replaceChildren(...choices.map(([value, label]) => h("option", { value }, label)));
	if (choices.some(([value]) => value === chosen)) element.value = chosen;
}

/** Runs by its button and by the Enter key. */
export function form(fields: readonly Child[], submit: ButtonOptions, ...others: readonly Child[]): HTMLFormElement {
	const send = button({ ...submit, primary: true, click: () => {} });
	send.type = "submit";
	const element = h(
		"form",
		{ class: "flowbroker-form" },
		...fields,
		h("div", { class: "flowbroker-buttons" }, send, ...others),
	);
	element.addEventListener("submit", (event) => {
		event.preventDefault();
		void run(send, submit.click);
	});
	return element;
}

/** Calls back a moment after the last key. */
export function onTyping(control: HTMLInputElement, react: () => void): void {
	let timer: number | undefined;
	control.addEventListener("input", () => {
		clearTimeout(timer);
		timer = setTimeout(react, 250) as unknown as number;
	});
}
