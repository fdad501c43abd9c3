/** Reads the properties of an in node that are not those of its subscription. */

import { FlowbrokerError } from "../../broker";
import { flagOf, textOf, wholeOf } from "../values";
import type { PaceSettings } from "./pace";
import { type Datatype, datatypes, type InProperties, inDefaults } from "./properties";

export interface InSettings {
	/** Messages control the subscriptions. */
	readonly dynamic: boolean;
	readonly datatype: Datatype;
	/** undefined: messages go into the flow as they come. */
	readonly pace: PaceSettings | undefined;
	readonly stopLoops: boolean;
}

/** Seconds: a day. */
const LONGEST = 86_400;

/** @throws FlowbrokerError OPTION_INVALID */
export function inSettings(raw: { readonly [name in keyof InProperties]?: unknown }): InSettings {
	const asked = raw.pace === "asked";
	return {
		// Every node that is asked for messages has an input; one with a topic has its own subscription, too.
		dynamic: wholeOf(raw.inputs) === 1 && !(asked && textOf(raw.topic)),
		datatype: datatypeOf(raw.datatype),
		pace: asked ? paceOf(raw) : undefined,
		stopLoops: flagOf(raw.stopLoops) ?? inDefaults.stopLoops,
	};
}

/** Flows from before the setting existed have none: they got text. */
function datatypeOf(datatype: unknown): Datatype {
	return datatype ? (datatypes.find((known) => known === datatype) ?? "auto") : "utf8";
}

function paceOf(raw: { readonly [name in keyof InProperties]?: unknown }): PaceSettings {
	return {
		underWay: number(raw, "underWay", 1, 100_000),
		queueSize: number(raw, "queueSize", 0, 1_000_000),
		queueDrop: raw.queueDrop === "newest" ? "newest" : "oldest",
		patience: number(raw, "patience", 0, LONGEST) * 1000,
	};
}

function number(
	raw: { readonly [name in keyof InProperties]?: unknown },
	name: "underWay" | "queueSize" | "patience",
	least: number,
	most: number,
): number {
	const value = raw[name];
	if (value === undefined || value === null || value === "") return inDefaults[name];
	const found = wholeOf(value);
	if (found !== undefined && found >= least && found <= most) return found;
	const shown = String(JSON.stringify(value)).slice(0, 60);
	const sentence = `The field "${name}" of the in node must be a whole number from ${least} to ${most}; it is ${shown}. Open the node and correct it.`;
	throw new FlowbrokerError("OPTION_INVALID", sentence);
}
