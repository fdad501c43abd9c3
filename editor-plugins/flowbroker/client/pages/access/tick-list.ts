/** Names of which some are ticked. */

import { h, show } from "../../dom";
import { choice } from "../../widgets/form";

export interface TickList {
	readonly element: HTMLElement;
	chosen(): string[];
	/** @param ticked what is ticked now; default: what was ticked before */
	show(names: readonly string[], ticked?: readonly string[]): void;
}

/** @param changed called when somebody ticks */
export function tickList(label: string, changed: () => void = () => {}): TickList {
	const boxes = h("div", { class: "flowbroker-ticks" });
	const element = h("fieldset", { class: "flowbroker-field" }, h("legend", {}, label), boxes);
	let before = "";
	const inputs = () => [...boxes.querySelectorAll("input")];
	const chosen = () => inputs().flatMap((box) => (box.checked ? [box.value] : []));
	element.addEventListener("change", changed);
	return {
		element,
		chosen,
		show(names, ticked = chosen()) {
			show(element, names.length > 0);
			const now = JSON.stringify([names, ticked]);
			if (now === before) return;
			before = now;
			boxes.replaceChildren(
				...names.map((name) => {
					const box = h("input", { type: "checkbox", value: name });
					box.checked = ticked.includes(name);
					return choice(box, name);
				}),
			);
		},
	};
}
