/** What happened lately: who came and went, what was denied and lost, how listeners and bridges are doing. */

import type { LogEntry, LogKind } from "../../../../broker/http/contract";
import { h, setText } from "../dom";
import { moment, number } from "../format";
import type { Page, PageContext } from "../page";
import { button } from "../widgets/button";
import { download, fileName } from "../widgets/download";
import { input, onTyping, select } from "../widgets/form";
import { list } from "../widgets/list";
import { lineOf, logRow } from "./log/rows";

/** Entries that are kept here, and entries of those in the list. */
const KEPT = 1_000;
const SHOWN = 200;

const kinds: Readonly<Record<string, readonly LogKind[]>> = {
	clients: ["connected", "disconnected", "expired"],
	denials: ["denied", "refused", "banned"],
	losses: ["dropped", "retainedFull", "slowed"],
};

export function logPage(context: PageContext): Page {
	const { t, call } = context;
	/** By id, in the order of the last change. */
	const entries = new Map<number, LogEntry>();
	let cursor = "";
	let paused = false;
	const part = input({ type: "search", placeholder: t("log.filter"), "aria-label": t("log.filter") });
	const kind = select([
		["all", t("log.all")],
		["clients", t("log.clients")],
		["denials", t("log.denials")],
		["losses", t("log.losses")],
		["broker", t("log.broker")],
	]);
	kind.setAttribute("aria-label", t("log.kind"));
	const pause = button({
		label: t("log.pause"),
		icon: "pause",
		click: () => {
			paused = !paused;
			setText(pause.querySelector("span") as HTMLElement, t(paused ? "log.resume" : "log.pause"));
			pause.querySelector("i")?.setAttribute("class", `fa fa-${paused ? "play" : "pause"}`);
			pause.setAttribute("aria-pressed", String(paused));
			if (!paused) context.refresh();
		},
	});
	const save = button({
		label: t("log.export"),
		icon: "download",
		click: () => {
			const lines = wanted()
				.reverse()
				.map((entry) => lineOf(entry, t));
			download(`${fileName("flowbroker-log")}.txt`, `${lines.join("\n")}\n`, "text/plain");
		},
	});
	const count = h("p", { class: "flowbroker-quiet", role: "status" });
	const rows = list<LogEntry>({
		label: t("page.log"),
		empty: t("log.none"),
		keyOf: ({ id }) => String(id),
		row: (entry) => logRow(entry, t),
	});
	onTyping(part, draw);
	kind.addEventListener("change", draw);

	return {
		pause: 2_000,
		element: h(
			"div",
			{},
			h("div", { class: "flowbroker-bar flowbroker-columns flowbroker-log-bar" }, part, kind),
			h("div", { class: "flowbroker-line" }, count, h("span", { class: "flowbroker-buttons" }, pause, save)),
			rows.element,
		),
		async refresh() {
			if (paused) return;
			const changes = await call("GET /brokers/:broker/log", { since: cursor });
			cursor = changes.cursor;
			if (changes.restart) entries.clear();
			for (const entry of changes.entries) {
				entries.delete(entry.id);
				entries.set(entry.id, entry);
			}
			for (const id of entries.keys()) {
				if (entries.size <= KEPT) break;
				entries.delete(id);
			}
			draw();
		},
	};

	function draw(): void {
		const found = wanted();
		const shown = found.slice(0, SHOWN);
		setText(count, t("log.count", { shown: number(shown.length), total: number(entries.size) }));
		rows.show(shown);
	}

	/** Newest first. */
	function wanted(): LogEntry[] {
		const words = part.value.trim().toLowerCase();
		return [...entries.values()].reverse().filter((entry) => isOfKind(entry) && textOf(entry).includes(words));
	}

	function isOfKind(entry: LogEntry): boolean {
		if (kind.value === "all") return true;
		if (kind.value === "broker") return !Object.values(kinds).some((some) => some.includes(entry.kind));
		return kinds[kind.value]?.includes(entry.kind) ?? false;
	}

	function textOf(entry: LogEntry): string {
		return `${moment(entry.at)} ${lineOf(entry, t)}`.toLowerCase();
	}
}
