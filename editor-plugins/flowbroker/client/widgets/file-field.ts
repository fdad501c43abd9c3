/** A field that takes a file of this computer. */

import { h } from "../dom";
import { field } from "./form";

export interface FileField {
	readonly element: HTMLElement;
	/** The text of the file; undefined while none is chosen. */
	text(): Promise<string | undefined>;
	/** Forgets the file. */
	clear(): void;
}

/** @param accept as for an input of type file. @param changed called when another file is chosen */
export function fileField(label: string, accept: string, changed: () => void): FileField {
	const control = h("input", { type: "file", accept });
	control.addEventListener("change", changed);
	return {
		element: field(label, control),
		text: async () => control.files?.[0]?.text(),
		clear: () => {
			control.value = "";
		},
	};
}
