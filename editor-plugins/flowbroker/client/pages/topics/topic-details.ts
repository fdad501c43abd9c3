/** The topic that is selected: its last message, how often one comes, and numbers as a chart. */

import type { TopicView } from "../../../../../broker/http/contract";
import { h, setText, show } from "../../dom";
import { ago, number, rate } from "../../format";
import type { PageContext } from "../../page";
import { button } from "../../widgets/button";
import { type Chart, chart } from "../../widgets/chart";
import { copyButton } from "../../widgets/copy";
import { details } from "../../widgets/details";
import { numberIn, valueView } from "../../widgets/value";
import { toCanvasButton } from "./to-canvas";

export interface TopicDetails {
	readonly element: HTMLElement;
	readonly topic: string | undefined;
	/** Another topic, or none. */
	select(topic: string | undefined): void;
	/** Asks the server how the topic is doing. */
	refresh(): Promise<void>;
}

export function topicDetails(context: PageContext): TopicDetails {
	const { t, call } = context;
	let topic: string | undefined;
	let before: { readonly count: number; readonly at: number } | undefined;
	let line: Chart | undefined;
	const name = h("div", { class: "flowbroker-mono flowbroker-topic-name" });
	const facts = details();
	const value = valueView(t);
	const history = h("div", {});
	const none = h("p", { class: "flowbroker-quiet", hidden: true }, t("topics.noMessage"));
	const found = h("div", {}, value.element, history, facts.element);
	const close = button({ label: t("topics.close"), icon: "times", bare: true, click: () => select(undefined) });
	const copy = copyButton(t, () => topic ?? "", { label: t("button.copyTopic"), bare: true });
	const toCanvas = toCanvasButton(context, () => topic ?? "");
	const publish =
		context.mayChange &&
		button({
			label: t("topics.publish"),
			icon: "paper-plane-o",
			bare: true,
			click: () => context.open("test", topic),
		});
	const bar = h(
		"div",
		{ class: "flowbroker-line" },
		name,
		h("span", {}, publish, " ", toCanvas, " ", copy, " ", close),
	);
	const element = h(
		"section",
		{ class: "flowbroker-topic", hidden: true, "aria-label": t("topics.selected") },
		bar,
		none,
		found,
	);

	const select = (wanted: string | undefined) => {
		if (wanted === topic) return;
		topic = wanted;
		before = undefined;
		line = undefined;
		history.replaceChildren();
		show(element, topic !== undefined);
		show(found, false);
		show(none, false);
		setText(name, topic ?? "");
	};

	const showNumber = (view: TopicView) => {
		const shown = numberIn(view);
		if (shown === undefined) return;
		if (!line) {
			line = chart(["flowbroker-line-in"], false);
			history.append(line.element);
		}
		line.add([shown], t("topics.chart", { value: shown }));
	};

	const showTopic = (view: TopicView) => {
		const now = performance.now();
		const perSecond = before ? ((view.count - before.count) * 1_000) / (now - before.at) : 0;
		if (!before || before.count !== view.count) showNumber(view);
		before = { count: view.count, at: now };
		value.show(view);
		facts.show([
			[t("topics.age"), view.at === null ? t("topics.before") : ago(view.at, t)],
			[t("topics.qos"), view.qos],
			[t("topics.retained"), t(view.retained ? "topics.yes" : "topics.no")],
			[t("topics.from"), view.from ?? t("topics.flow")],
			[t("topics.count"), number(view.count)],
			[t("topics.rate"), rate(Math.max(0, perSecond))],
		]);
	};

	return {
		element,
		get topic() {
			return topic;
		},
		select,
		async refresh() {
			const asked = topic;
			if (asked === undefined) return;
			const view = await call("GET /brokers/:broker/topic", { topic: asked });
			if (asked !== topic) return;
			show(none, view === null);
			show(found, view !== null);
			if (view) showTopic(view);
		},
	};
}
