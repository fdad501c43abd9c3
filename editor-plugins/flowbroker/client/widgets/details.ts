/** Names with their values, one below the other. */

import { h, setText } from "../dom";

export interface Details {
	readonly element: HTMLElement;
	/** The rows to be shown, in their order. */
	show(rows: ReadonlyArray<readonly [name: string, value: string | number]>): void;
}

export function details(): Details {
	const element = h("dl", { class: "flowbroker-details" });
	const rows = new Map<string, { readonly pair: HTMLElement; readonly value: HTMLElement }>();
	return {
		element,
		show(wanted) {
			const names = new Set(wanted.map(([name]) => name));
			for (const [name, { pair }] of rows) {
				if (names.has(name)) continue;
				pair.remove();
				rows.delete(name);
			}
			for (const [name, text] of wanted) {
				let row = rows.get(name);
				if (!row) {
					const value = h("dd");
					row = { pair: h("div", {}, h("dt", {}, name), value), value };
					rows.set(name, row);
					element.append(row.pair);
				}
				setText(row.value, text);
			}
		},
	};
}
