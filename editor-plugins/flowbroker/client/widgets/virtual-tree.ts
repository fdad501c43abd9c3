/** A tree of any length of which only what can be seen is in the page. Every row has the same height. */

import { h } from "../dom";

export interface TreeRow {
	/** The same for the same row. */
	readonly key: string;
	/** 1 for the first level. */
	readonly depth: number;
	/** Undefined for a row that has nothing below it. */
	readonly open: boolean | undefined;
}

export interface VirtualTree<Row extends TreeRow> {
	readonly element: HTMLElement;
	/** All rows that are unfolded, in their order. */
	show(rows: readonly Row[]): void;
	/** The row that something of the tree is in. */
	rowAt(inside: Element): Row | undefined;
}

export interface VirtualTreeOptions<Row extends TreeRow> {
	/** For screen readers. */
	readonly label: string;
	/** What a row shows beside its arrow. */
	content(row: Row): readonly Node[];
	/** Unfolds or folds. */
	toggle(row: Row, open: boolean): void;
	select(row: Row): void;
}

/** Pixels; the style sheet says the same. */
const ROW = 24;
/** Rows above and below what can be seen, so that scrolling shows no gaps. */
const MARGIN = 8;

export function virtualTree<Row extends TreeRow>(options: VirtualTreeOptions<Row>): VirtualTree<Row> {
	const spacer = h("div", { class: "flowbroker-tree-spacer", role: "presentation" });
	const element = h(
		"div",
		{ class: "flowbroker-tree", role: "tree", tabindex: "0", "aria-label": options.label },
		spacer,
	);
	let rows: readonly Row[] = [];
	let selected: string | undefined;

	const draw = () => {
		const first = Math.max(0, Math.floor(element.scrollTop / ROW) - MARGIN);
		const last = Math.min(rows.length, Math.ceil((element.scrollTop + element.clientHeight) / ROW) + MARGIN);
		spacer.style.height = `${rows.length * ROW}px`;
		spacer.replaceChildren(...rows.slice(first, last).map((row, at) => drawRow(row, first + at)));
		const shown = rows.findIndex(({ key }) => key === selected);
		if (shown >= first && shown < last) element.setAttribute("aria-activedescendant", idOf(shown));
		else element.removeAttribute("aria-activedescendant");
	};
	const idOf = (at: number) => `flowbroker-tree-${at}`;

	const drawRow = (row: Row, at: number): HTMLElement => {
		const arrow = row.open === undefined ? "" : ` fa fa-caret-${row.open ? "down" : "right"}`;
		const line = h(
			"div",
			{
				id: idOf(at),
				class: "flowbroker-tree-row",
				role: "treeitem",
				"aria-level": row.depth,
				"aria-selected": String(row.key === selected),
				"aria-expanded": row.open === undefined ? undefined : String(row.open),
				"data-at": at,
			},
			h("span", { class: `flowbroker-tree-arrow${arrow}`, "aria-hidden": "true" }),
			...options.content(row),
		);
		line.style.top = `${at * ROW}px`;
		line.style.paddingLeft = `${(row.depth - 1) * 14}px`;
		return line;
	};

	const choose = (at: number) => {
		const row = rows[at];
		if (!row) return;
		selected = row.key;
		const top = at * ROW;
		if (top < element.scrollTop) element.scrollTop = top;
		else if (top + ROW > element.scrollTop + element.clientHeight) element.scrollTop = top + ROW - element.clientHeight;
		options.select(row);
		draw();
	};

	const positionOf = (inside: Element) => Number(inside.closest<HTMLElement>("[data-at]")?.dataset.at ?? Number.NaN);

	element.addEventListener("scroll", draw);
	new ResizeObserver(draw).observe(element);
	element.addEventListener("click", (event) => {
		const target = event.target as Element;
		const at = positionOf(target);
		const row = rows[at];
		if (!row) return;
		// Where rows can be dragged, pressing one gives it no focus.
		element.focus({ preventScroll: true });
		choose(at);
		if (row.open !== undefined && target.closest(".flowbroker-tree-arrow")) options.toggle(row, !row.open);
	});
	element.addEventListener("dblclick", (event) => {
		const row = rows[positionOf(event.target as Element)];
		if (row?.open !== undefined && !(event.target as Element).closest(".flowbroker-tree-arrow"))
			options.toggle(row, !row.open);
	});
	// The keys that the pattern of the W3C for trees asks for.
	element.addEventListener("keydown", (event) => {
		const at = rows.findIndex(({ key }) => key === selected);
		const row = rows[at];
		const page = Math.max(1, Math.floor(element.clientHeight / ROW) - 1);
		const parent = () => rows.findLastIndex((other, before) => before < at && other.depth < (row?.depth ?? 0));
		const move = {
			ArrowDown: at + 1,
			ArrowUp: at - 1,
			PageDown: at + page,
			PageUp: at - page,
			Home: 0,
			End: rows.length - 1,
		}[event.key];
		if (move !== undefined) choose(Math.min(rows.length - 1, Math.max(0, move)));
		else if (event.key === "ArrowRight" && row?.open === false) options.toggle(row, true);
		else if (event.key === "ArrowRight" && row?.open) choose(at + 1);
		else if (event.key === "ArrowLeft" && row?.open) options.toggle(row, false);
		else if (event.key === "ArrowLeft" && row) choose(parent());
		else if (event.key === "Enter" && row?.open !== undefined) options.toggle(row, !row.open);
		else return;
		event.preventDefault();
		// The editor has shortcuts on some of these keys.
		event.stopPropagation();
	});
	return {
		element,
		rowAt: (inside) => rows[positionOf(inside)],
		show(wanted) {
			rows = wanted;
			draw();
		},
	};
}
