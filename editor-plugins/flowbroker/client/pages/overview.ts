/** How the broker is doing: what to mend, listeners, bridges, clients and traffic. */

import type { BridgeView, BrokerDetails, ListenerView } from "../../../../broker/http/contract";
import { h, setText } from "../dom";
import { bytes, duration, number } from "../format";
import type { Page, PageContext } from "../page";
import { details } from "../widgets/details";
import { list, type Row } from "../widgets/list";
import { section } from "../widgets/section";
import { bridgeRow } from "./overview/bridges";
import { trafficChart } from "./overview/traffic";
import { type Warning, warningRow, warningsOf } from "./overview/warnings";

export function overviewPage(context: PageContext): Page {
	const { t, call } = context;
	const warnings = list<Warning>({
		label: t("overview.warnings"),
		empty: t("overview.noWarnings"),
		keyOf: ({ text }) => text,
		row: (warning) => warningRow(warning, context),
	});
	const traffic = trafficChart(t);
	const numbers = details();
	const listeners = list<ListenerView>({
		label: t("overview.listeners"),
		empty: t("overview.noListeners"),
		keyOf: ({ name }) => name,
		row: (listener) => listenerRow(listener, context),
	});
	const bridges = list<BridgeView>({
		label: t("overview.bridges"),
		empty: "",
		keyOf: ({ id }) => id,
		row: (bridge) => bridgeRow(bridge, context),
	});
	const bridgeSection = section(t("overview.bridges"), bridges.element);
	return {
		pause: 1_000,
		element: h(
			"div",
			{ class: "flowbroker-overview" },
			warnings.element,
			section(t("overview.traffic"), traffic.element),
			section(t("overview.numbers"), numbers.element),
			section(t("overview.listeners"), listeners.element),
			bridgeSection,
		),
		async refresh() {
			const broker = await call("GET /brokers/:broker", {});
			warnings.show(warningsOf(broker, t));
			traffic.add(broker.metrics);
			numbers.show(numbersOf(broker, context));
			listeners.show(broker.listeners);
			// Most brokers have none.
			bridgeSection.hidden = broker.bridges.length === 0;
			bridges.show(broker.bridges);
		},
	};
}

function numbersOf({ metrics, storeBytes }: BrokerDetails, { t }: PageContext): [string, string][] {
	const { clients, subscriptions, retained, publish, denied, logins, uptime, queued } = metrics;
	const dropped = publish.dropped.slowClient + publish.dropped.queueFull + publish.dropped.memoryFull;
	return [
		[t("overview.clients"), number(clients.connected)],
		[t("overview.away"), number(clients.disconnected)],
		[t("overview.subscriptions"), number(subscriptions.count)],
		[t("overview.retained"), `${number(retained.count)} · ${bytes(retained.bytes)}`],
		[t("overview.queued"), `${number(queued.messages)} · ${bytes(queued.bytes)}`],
		[t("overview.received"), `${number(publish.received)} · ${bytes(publish.bytesReceived)}`],
		[t("overview.sent"), `${number(publish.sent)} · ${bytes(publish.bytesSent)}`],
		[t("overview.dropped"), number(dropped)],
		[t("overview.denied"), number(denied.publish + denied.subscribe + denied.receive)],
		[t("overview.logins"), number(logins.failed)],
		[t("overview.store"), storeBytes === null ? t("overview.inMemory") : bytes(storeBytes)],
		[t("overview.uptime"), duration(uptime * 1_000, t)],
	];
}

function listenerRow(first: ListenerView, { t }: PageContext): Row<ListenerView> {
	const dot = h("span", { class: "flowbroker-dot" });
	const name = h("strong");
	const place = h("span", { class: "flowbroker-mono" });
	const more = h("div", { class: "flowbroker-quiet" });
	const update = ({ name: title, kind, host, port, path, up, error, certificate }: ListenerView) => {
		dot.dataset.state = up ? "running" : "stopped";
		dot.title = t(up ? "overview.up" : "overview.down");
		setText(name, `${title} · ${t(up ? "overview.up" : "overview.down")}`);
		setText(
			place,
			port === 0
				? `${kind} ${path ?? host}`
				: `${kind}://${host.includes(":") ? `[${host}]` : host}:${port}${path ?? ""}`,
		);
		const days = certificate
			? t("overview.certificate", { days: certificate.daysLeft, subject: certificate.subject })
			: "";
		setText(more, error?.message ?? days);
	};
	update(first);
	return { element: h("div", { class: "flowbroker-listener" }, dot, h("div", {}, name, " ", place, more)), update };
}
