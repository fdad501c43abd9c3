/** Retained messages: find, look at, clear. */

import type { RetainedView } from "../../../../broker/http/contract";
import { h, setText } from "../dom";
import { number } from "../format";
import type { Page, PageContext } from "../page";
import { button } from "../widgets/button";
import { copyButton } from "../widgets/copy";
import { fold } from "../widgets/fold";
import { field, input, onTyping } from "../widgets/form";
import { list, type Row } from "../widgets/list";
import { confirm, tell } from "../widgets/notice";
import { completed } from "../widgets/topic-names";
import { preview, valueView } from "../widgets/value";

/** Messages in the list: who looks for another one makes the filter narrower. */
const SHOWN = 100;
const EVERYTHING = "#";

export function retainedPage(context: PageContext): Page {
	const { t, call, refresh, mayChange } = context;
	const filter = input({ placeholder: EVERYTHING, class: "flowbroker-mono", ...completed });
	onTyping(filter, refresh);
	const wanted = () => filter.value.trim() || EVERYTHING;
	const count = h("p", { class: "flowbroker-quiet", role: "status" });
	const messages = list<RetainedView>({
		label: t("retained.messages"),
		empty: t("retained.none"),
		keyOf: ({ topic }) => topic,
		row: (message) => messageRow(message, context),
	});
	const clear = button({
		label: t("retained.clearAll"),
		icon: "trash",
		click: async () => {
			const selected = wanted();
			const found = await call("DELETE /brokers/:broker/retained", { filter: selected, dryRun: true });
			if (found.count === 0) return tell(t("retained.nothing", { filter: selected }), "warning");
			const values = { n: number(found.count), filter: selected };
			if (!(await confirm(t, t("retained.clearQuestion", values), t("retained.clearDo", values)))) return;
			const { count: cleared } = await call("DELETE /brokers/:broker/retained", { filter: selected });
			tell(t("retained.cleared", { n: number(cleared) }), "success");
			refresh();
		},
	});
	return {
		pause: 3_000,
		element: h(
			"div",
			{},
			h("div", { class: "flowbroker-form" }, field(t("retained.filter"), filter)),
			h("div", { class: "flowbroker-line" }, count, mayChange && clear),
			messages.element,
		),
		async refresh() {
			const { total, items } = await call("GET /brokers/:broker/retained", { filter: wanted(), limit: SHOWN });
			setText(count, t("retained.count", { shown: number(items.length), total: number(total) }));
			messages.show(items);
		},
	};
}

function messageRow(first: RetainedView, { t, call, refresh, mayChange }: PageContext): Row<RetainedView> {
	const { topic } = first;
	const line = h("div", { class: "flowbroker-quiet flowbroker-one-line" });
	const qos = h("span", { class: "flowbroker-quiet" });
	const head = h(
		"span",
		{ class: "flowbroker-head-lines" },
		h("span", { class: "flowbroker-mono" }, topic),
		" ",
		qos,
		line,
	);
	const value = valueView(t);
	const clear = button({
		label: t("retained.clear"),
		icon: "trash",
		click: async () => {
			if (!(await confirm(t, t("retained.clearOne", { topic }), t("retained.clear")))) return;
			// Retaining nothing is how MQTT clears; as a filter, a topic could select more than itself.
			await call("POST /brokers/:broker/publish", { topic, payload: "", retain: true });
			refresh();
		},
	});
	const row = fold(head, () =>
		h(
			"div",
			{},
			value.element,
			h(
				"div",
				{ class: "flowbroker-buttons" },
				copyButton(t, () => topic, { label: t("button.copyTopic") }),
				mayChange && clear,
			),
		),
	);
	const update = (message: RetainedView) => {
		setText(line, preview(message, t));
		setText(qos, `QoS ${message.qos}`);
		value.show(message);
	};
	update(first);
	return { element: row.element, update };
}
