/** How a bridge is doing, in the words and colours of a node's status. */

import type { NodeAPI, NodeStatus } from "node-red";
import type { BridgeState, FlowbrokerError } from "../../broker";
import { problemStatus, type Translate, translator } from "../status";

/** Keys of the catalogue that are asked for here and in the log; a test compares them with it. */
export const bridgeTextKeys = [
	"status.stopped",
	"status.idle",
	"status.connecting",
	"status.connected",
	"status.ended",
	"status.rules_one",
	"status.rules_other",
	"status.waiting",
	"status.dropped",
	"log.connected",
	"log.ended",
] as const;

/** Looks up a text of the catalogue nodes/bridge/locales by its key. */
export function bridgeTexts(RED: Pick<NodeAPI, "_">): Translate {
	return (key, values) => RED._(`@flowbroker/node-red/flowbroker-bridge:bridge.${key}`, values);
}

/** The problem behind the dot where it is connected in spite of it, else in place of the state. */
export function bridgeStatus(state: BridgeState, RED: Pick<NodeAPI, "_">): NodeStatus {
	const text = bridgeTexts(RED);
	const { phase, error, rules, waiting, dropped } = state;
	const counts = [
		...(phase === "connected" && !error ? [text("status.rules", { count: rules })] : []),
		...(waiting > 0 ? [text("status.waiting", { count: waiting })] : []),
		...(dropped > 0 ? [text("status.dropped", { count: dropped })] : []),
	];
	const shown = (head: string) => [head, ...counts].join(" · ");
	const problem = error && problemText(error, RED);
	switch (phase) {
		case "connected":
			if (problem) return { fill: "yellow", shape: "dot", text: shown(`${text("status.connected")} · ${problem}`) };
			return { fill: "green", shape: "dot", text: shown(text("status.connected")) };
		case "connecting":
			return { fill: "yellow", shape: "ring", text: shown(problem ?? text("status.connecting")) };
		case "away":
			return { fill: "red", shape: "ring", text: shown(problem ?? text("status.connecting")) };
		case "ended":
			return { fill: "red", shape: "ring", text: shown(problem ?? text("status.ended")) };
		default:
			return { fill: "grey", shape: "ring", text: shown(text(`status.${phase}`)) };
	}
}

function problemText(error: FlowbrokerError, RED: Pick<NodeAPI, "_">): string {
	return problemStatus(error, translator(RED)).text ?? error.code;
}
