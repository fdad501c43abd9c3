/** The bridges to other brokers: which, how each of them is doing, and what is wrong. */

import type { BridgeView } from "../../../../../broker/http/contract";
import { h, icon, replaceChildren, setText } from "../../dom";
import { number } from "../../format";
import type { PageContext } from "../../page";
import type { Translate } from "../../text";
import type { Row } from "../../widgets/list";

/** Of Font Awesome 4. */
const icons: Readonly<Record<BridgeView["phase"], string>> = {
	connected: "link",
	connecting: "refresh",
	away: "chain-broken",
	idle: "moon-o",
	ended: "ban",
	stopped: "stop",
};

/** Colours of the dots of other rows; none for what is neither good nor bad. */
const states: Partial<Readonly<Record<BridgeView["phase"], string>>> = {
	connected: "running",
	away: "stopped",
	ended: "stopped",
	connecting: "starting",
};

export function bridgeRow(first: BridgeView, { t }: PageContext): Row<BridgeView> {
	const sign = h("span", { class: "flowbroker-sign" });
	const name = h("strong");
	const server = h("span", { class: "flowbroker-mono" });
	const numbers = h("div", { class: "flowbroker-quiet" });
	const problem = h("div", {});
	let shown: BridgeView["phase"] | undefined;
	const update = (bridge: BridgeView) => {
		const { phase, error } = bridge;
		if (phase !== shown) {
			replaceChildren(sign, icon(icons[phase]));
			sign.dataset.state = states[phase] ?? "";
			shown = phase;
		}
		setText(name, `${bridge.name} · ${t(`bridge.${phase}`)}`);
		setText(server, bridge.server ?? "");
		setText(numbers, numbersOf(bridge, t));
		setText(problem, error?.message ?? "");
		problem.hidden = error === null;
	};
	update(first);
	const text = h("div", {}, name, " ", server, numbers, problem);
	return { element: h("div", { class: "flowbroker-listener" }, sign, text), update };
}

function numbersOf({ rules, waiting, dropped, protocolVersion }: BridgeView, t: Translate): string {
	const version = { 3: "MQTT 3.1", 4: "MQTT 3.1.1", 5: "MQTT 5" } as const;
	return [
		...(protocolVersion === null ? [] : [version[protocolVersion]]),
		t("bridge.rules", { n: number(rules) }),
		t("bridge.waiting", { n: number(waiting) }),
		t("bridge.dropped", { n: number(dropped) }),
	].join(" · ");
}
