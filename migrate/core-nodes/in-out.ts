/** Makes `flowbroker-in` and `flowbroker-out` of Node-RED's own `mqtt in` and `mqtt out`: the properties have the same names. */

import { type FlowNode, ownTypes } from "../flow-node";
import { placeholdersInside } from "./placeholders";
import type { Remark } from "./remark";

export const coreIn = "mqtt in";
export const coreOut = "mqtt out";

export interface ConvertedNode {
	readonly node: FlowNode;
	readonly remarks: readonly Remark[];
}

/** What our nodes begin with where Node-RED's own have no such setting: a form that finds none shows an empty field. */
const newInSettings = {
	pace: "free",
	underWay: 1,
	queueSize: 1_000,
	queueDrop: "oldest",
	patience: 60,
	stopLoops: true,
} as const;
const newOutSettings = { queueSize: "", queueDrop: "", outputs: 0 } as const;

/** @param broker id of the converted config node */
export function convertInOut(core: FlowNode, broker: string): ConvertedNode {
	const node = core.type === coreIn ? convertIn(core, broker) : convertOut(core, broker);
	return { node, remarks: placeholdersInside(core, ["topic", "respTopic"]) };
}

/** What is missing is what flows of older versions lack; Node-RED's own node then does what is written here. */
function convertIn(core: FlowNode, broker: string): FlowNode {
	const qos = Number.parseInt(String(core.qos), 10);
	return {
		...core,
		type: ownTypes.in,
		topic: textOf(core.topic),
		qos: qos >= 0 && qos <= 2 ? String(qos) : "2",
		datatype: core.datatype || "utf8",
		broker,
		nl: isTrue(core.nl),
		rap: isTrue(core.rap),
		rh: core.rh ?? 0,
		// biome-ignore lint/suspicious/noDoubleEquals: a number or its text, as Node-RED's own node compares
		inputs: core.inputs == 1 ? 1 : 0,
		...newInSettings,
	};
}

function convertOut(core: FlowNode, broker: string): FlowNode {
	return {
		...core,
		type: ownTypes.out,
		topic: textOf(core.topic),
		// A number 0 and a false that is no text are what old flows have where nothing was chosen: the message decides.
		qos: core.qos ? String(core.qos) : "",
		retain: core.retain === true ? "true" : textOf(core.retain),
		respTopic: textOf(core.respTopic),
		contentType: textOf(core.contentType),
		userProps: core.userProps ?? "",
		correl: core.correl ?? "",
		expiry: core.expiry ?? "",
		broker,
		...newOutSettings,
	};
}

function textOf(value: unknown): string {
	return typeof value === "string" ? value : "";
}

function isTrue(value: unknown): boolean {
	return value === true || value === "true";
}
