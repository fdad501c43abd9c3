/** One entry of the log, as a row and as a line of text. */

import type { LogEntry } from "../../../../../broker/http/contract";
import { h, setText } from "../../dom";
import { number } from "../../format";
import type { Translate } from "../../text";
import type { Row } from "../../widgets/list";

export function logRow(first: LogEntry, t: Translate): Row<LogEntry> {
	const { kind, severity, clientId, topic } = first;
	const time = h("time", { class: "flowbroker-quiet flowbroker-log-time" });
	const times = h("span", { class: "flowbroker-badge" });
	const who = h("span", { class: "flowbroker-mono" }, clientId ?? "");
	const what = h("div", {}, h("strong", {}, t(`log.is.${kind}`)), " ", who, " ", times);
	const why = h("div", { class: "flowbroker-quiet" });
	const about = topic === null ? null : h("div", { class: "flowbroker-mono" }, topic);
	const update = (entry: LogEntry) => {
		const at = new Date(entry.at);
		setText(time, at.toLocaleTimeString());
		time.title = at.toLocaleString();
		time.dateTime = at.toISOString();
		times.hidden = entry.count < 2;
		setText(times, t("log.times", { n: number(entry.count) }));
		setText(why, whyOf(entry, t));
	};
	update(first);
	const element = h(
		"div",
		{ class: "flowbroker-log", "data-severity": severity },
		time,
		h("div", {}, what, about, why),
	);
	return { element, update };
}

/** For a file: with the whole date. */
export function lineOf(entry: LogEntry, t: Translate): string {
	const { at, kind, clientId, topic, count } = entry;
	const parts = [t(`log.is.${kind}`), clientId ?? "", topic ?? "", whyOf(entry, t)];
	const times = count < 2 ? "" : ` (${t("log.times", { n: count })})`;
	// One entry a line, whatever is in a topic.
	const text = parts.filter((part) => part !== "").join(" · ");
	return `${new Date(at).toISOString()} ${text}${times}`.replace(/[\r\n]+/g, " ");
}

function whyOf({ kind, user, address, text }: LogEntry, t: Translate): string {
	const shownUser = user ?? (kind === "connected" || kind === "denied" ? t("clients.nobody") : "");
	return [text, shownUser, address ?? ""].filter((part) => part !== "").join(" · ");
}
