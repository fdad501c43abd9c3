/** Messages a second, in and out, as a live chart. */

import type { BrokerDetails } from "../../../../../broker/http/contract";
import { h, setText } from "../../dom";
import { rate } from "../../format";
import type { Translate } from "../../text";
import { chart } from "../../widgets/chart";

type Metrics = BrokerDetails["metrics"];

export interface TrafficChart {
	readonly element: HTMLElement;
	/** The counters of now; from the second on there is a rate. */
	add(metrics: Metrics): void;
}

export function trafficChart(t: Translate): TrafficChart {
	const lines = chart(["flowbroker-line-in", "flowbroker-line-out"], true);
	const received = h("strong", {}, "–");
	const sent = h("strong", {}, "–");
	const legend = (name: string, label: string, value: HTMLElement) =>
		h("span", {}, h("span", { class: `flowbroker-key ${name}` }), `${label} `, value);
	let before: Metrics | undefined;
	return {
		element: h(
			"div",
			{},
			h(
				"div",
				{ class: "flowbroker-legend" },
				legend("flowbroker-key-in", t("overview.in"), received),
				legend("flowbroker-key-out", t("overview.out"), sent),
				h("span", { class: "flowbroker-quiet" }, t("overview.perSecond")),
			),
			lines.element,
		),
		add(metrics) {
			const seconds = before ? (metrics.at - before.at) / 1_000 : 0;
			const restarted = before !== undefined && metrics.publish.received < before.publish.received;
			if (before && seconds > 0 && !restarted) {
				const inward = (metrics.publish.received - before.publish.received) / seconds;
				const outward = (metrics.publish.sent - before.publish.sent) / seconds;
				setText(received, rate(inward));
				setText(sent, rate(outward));
				lines.add([inward, outward], t("overview.chart", { in: rate(inward), out: rate(outward) }));
			}
			before = metrics;
		},
	};
}
