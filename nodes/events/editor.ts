/** Editor half of the events node: the kinds of events as check boxes. */

import { topicFilter, type Verdict } from "../editor/validate";

/** All topics, or a filter. */
export function topic(value: unknown): Verdict {
	return value === undefined || value === "" ? true : topicFilter(value);
}

export function rate(value: unknown): Verdict {
	const text = String(value ?? "").trim();
	if (text === "" || /^\$\{[^}]+\}$/.test(text)) return true;
	const isWhole = /^\d{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= 100_000;
	return isWhole ? true : "must be a whole number from 1 to 100000";
}

/** Ties the check boxes to the list that Node-RED reads and stores, which is not shown. */
export function prepare(): void {
	for (const option of document.querySelectorAll<HTMLOptionElement>("#node-input-events option")) {
		const box = document.getElementById(`flowbroker-events-${option.value}`);
		if (!(box instanceof HTMLInputElement)) continue;
		box.checked = option.selected;
		box.addEventListener("change", () => {
			option.selected = box.checked;
		});
	}
}
