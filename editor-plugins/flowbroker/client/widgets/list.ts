/** A list that follows what the server says without losing focus, selection or what is unfolded. */

import { h, setText, show } from "../dom";

export interface Row<Item> {
	readonly element: HTMLElement;
	update(item: Item): void;
}

export interface List<Item> {
	readonly element: HTMLElement;
	show(items: readonly Item[]): void;
}

export interface ListOptions<Item> {
	/** For screen readers. */
	readonly label: string;
	/** Said where there is nothing in it. */
	readonly empty: string;
	/** The same for the same thing, different for each in the list. */
	keyOf(item: Item): string;
	row(item: Item): Row<Item>;
}

export function list<Item>({ label, empty, keyOf, row }: ListOptions<Item>): List<Item> {
	const items = h("ul", { class: "flowbroker-list", "aria-label": label });
	const nothing = h("p", { class: "flowbroker-empty", hidden: true }, empty);
	const rows = new Map<string, Row<Item> & { readonly place: HTMLElement }>();
	return {
		element: h("div", {}, items, nothing),
		show(wanted) {
			const keys = new Set(wanted.map(keyOf));
			for (const [key, { place }] of rows) {
				if (keys.has(key)) continue;
				place.remove();
				rows.delete(key);
			}
			for (const [at, item] of wanted.entries()) {
				const key = keyOf(item);
				let known = rows.get(key);
				if (known) {
					known.update(item);
				} else {
					const made = row(item);
					known = { ...made, place: h("li", {}, made.element) };
					rows.set(key, known);
				}
				if (items.children[at] !== known.place) items.insertBefore(known.place, items.children[at] ?? null);
			}
			show(items, wanted.length > 0);
			show(nothing, wanted.length === 0);
			setText(nothing, empty);
		},
	};
}
