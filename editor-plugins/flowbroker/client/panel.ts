/** The frame of the sidebar: which broker, which page, and when it is read anew. */

import type { BrokerSummary } from "../../../broker/http/contract";
import { type Call, onBroker, sentenceOf } from "./api";
import { h, replaceChildren, setText, show } from "./dom";
import { navigation } from "./navigation";
import type { Page, PageName } from "./page";
import { makePage } from "./pages";
import { Poll } from "./poll";
import { editBroker } from "./settings";
import type { Translate } from "./text";
import { button } from "./widgets/button";
import { select, setChoices } from "./widgets/form";
import { topicNames } from "./widgets/topic-names";

/** Milliseconds between two looks at which brokers there are. */
const BROKERS_PAUSE = 3_000;
const PERMISSION = "flowbroker.write";

export function createPanel(call: Call, t: Translate): HTMLElement {
	const brokers = select([]);
	brokers.setAttribute("aria-label", t("panel.broker"));
	const state = h("span", { class: "flowbroker-state" });
	const settings = button({
		label: t("panel.settings"),
		icon: "cog",
		bare: true,
		click: () => editBroker(brokers.value, t),
	});
	const head = h("div", { class: "flowbroker-head" }, brokers, state, settings);
	const problem = h("div", { class: "flowbroker-problem", role: "status", hidden: true });
	const body = h("div", { class: "flowbroker-page", role: "tabpanel", id: "flowbroker-page", tabindex: "-1" });
	const none = h("p", { class: "flowbroker-empty", hidden: true }, t("panel.noBroker"));
	const pages = navigation(t, body, (name) => open(name));
	const work = h("div", { class: "flowbroker-work" }, head, pages.element, problem, body);
	const element = h("div", { class: "flowbroker-sidebar" }, none, work);

	let made = new Map<PageName, Page>();
	let page: Page | undefined;
	let broker: string | undefined;
	element.append(topicNames(body, () => (broker === undefined ? undefined : onBroker(call, broker))));

	const pagePoll = new Poll(body, readPage, () => page?.pause ?? BROKERS_PAUSE);
	const brokerPoll = new Poll(element, readBrokers, () => BROKERS_PAUSE);
	brokers.addEventListener("change", () => choose(brokers.value));
	return element;

	/** What went wrong is shown above the page, until it goes well again. */
	async function watched(read: () => Promise<void>): Promise<void> {
		try {
			await read();
			show(problem, false);
		} catch (error) {
			setText(problem, sentenceOf(error));
			show(problem, true);
		}
	}

	async function readPage(): Promise<void> {
		const shown = page;
		if (shown) await watched(() => shown.refresh());
	}

	async function readBrokers(): Promise<void> {
		try {
			showBrokers(await call("GET /brokers", {}));
		} catch (error) {
			setText(problem, sentenceOf(error));
			show(problem, true);
		}
	}

	function showBrokers(found: readonly BrokerSummary[]): void {
		setChoices(
			brokers,
			found.map(({ id, name }) => [id, name] as const),
		);
		show(none, found.length === 0);
		show(work, found.length > 0);
		const chosen = found.find(({ id }) => id === brokers.value);
		showState(chosen);
		if (chosen?.id !== broker) choose(chosen?.id);
	}

	function showState(chosen: BrokerSummary | undefined): void {
		const listening = chosen?.listeners.every(({ up }) => up) ?? false;
		const name = chosen?.state ?? "stopped";
		state.dataset.state = name === "running" && !listening ? "partly" : name;
		setText(state, t(name === "running" && !listening ? "state.partly" : `state.${name}`));
	}

	function choose(id: string | undefined): void {
		broker = id;
		made = new Map();
		open(pages.current);
	}

	function open(name: PageName, topic?: string): void {
		pages.select(name);
		if (broker === undefined) {
			page = undefined;
			replaceChildren(body);
			return;
		}
		page = made.get(name) ?? create(name, broker);
		made.set(name, page);
		body.dataset.page = name;
		replaceChildren(body, page.element);
		body.scrollTop = 0;
		if (topic !== undefined) page.take?.(topic);
		show(problem, false);
		pagePoll.now();
	}

	function create(name: PageName, id: string): Page {
		return makePage[name]({
			broker: id,
			call: onBroker(call, id),
			t,
			mayChange: RED.user.hasPermission(PERMISSION),
			open,
			refresh: () => {
				pagePoll.now();
				brokerPoll.now();
			},
		});
	}
}
