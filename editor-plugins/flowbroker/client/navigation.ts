/** Chooses the page: tabs, or a list where the sidebar is too narrow for them. */

import { h, icon } from "./dom";
import { type PageName, pageNames } from "./page";
import type { Translate } from "./text";
import { select } from "./widgets/form";

export interface Navigation {
	readonly element: HTMLElement;
	readonly current: PageName;
	/** Shows which page is open. */
	select(name: PageName): void;
}

const icons = {
	overview: "tachometer",
	clients: "plug",
	access: "users",
	topics: "sitemap",
	retained: "thumb-tack",
	test: "paper-plane-o",
	log: "list-alt",
	backup: "archive",
} as const satisfies Record<PageName, string>;

/** @param body what the tabs control */
export function navigation(t: Translate, body: HTMLElement, open: (name: PageName) => void): Navigation {
	let current: PageName = "overview";
	const tabs = new Map(
		pageNames.map((name) => [
			name,
			h(
				"button",
				{ type: "button", role: "tab", "aria-controls": body.id, id: `flowbroker-tab-${name}` },
				icon(icons[name]),
				h("span", {}, t(`page.${name}`)),
			),
		]),
	);
	const row = h("div", { class: "flowbroker-tabs", role: "tablist", "aria-label": t("panel.pages") }, ...tabs.values());
	const narrow = select(pageNames.map((name) => [name, t(`page.${name}`)]));
	narrow.setAttribute("aria-label", t("panel.pages"));
	narrow.addEventListener("change", () => open(narrow.value as PageName));

	for (const [name, tab] of tabs) tab.addEventListener("click", () => open(name));
	row.addEventListener("keydown", (event) => {
		const at = pageNames.indexOf(current);
		const last = pageNames.length - 1;
		const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[
			event.key
		];
		const name = to === undefined ? undefined : pageNames[to];
		if (name === undefined) return;
		event.preventDefault();
		open(name);
		tabs.get(name)?.focus();
	});

	const mark = (name: PageName) => {
		current = name;
		narrow.value = name;
		body.setAttribute("aria-labelledby", `flowbroker-tab-${name}`);
		for (const [each, tab] of tabs) {
			tab.setAttribute("aria-selected", String(each === name));
			tab.tabIndex = each === name ? 0 : -1;
		}
	};
	mark(current);
	return {
		element: h("div", { class: "flowbroker-navigation" }, row, h("div", { class: "flowbroker-tabs-narrow" }, narrow)),
		get current() {
			return current;
		},
		select: mark,
	};
}
