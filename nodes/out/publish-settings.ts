/** Reads how the messages of an out node may wait, and whether the node tells what has become of them. */

import { FlowbrokerError } from "../../broker";
import type { NodeQueue } from "../flow-client";
import { wholeOf } from "../values";
import type { OutProperties } from "./properties";

export interface PublishSettings {
	readonly queue: NodeQueue | undefined;
	readonly tellsResult: boolean;
}

const drops = ["newest", "oldest", "refuse"] as const;

/** @throws FlowbrokerError OPTION_INVALID */
export function publishSettings(raw: { readonly [name in keyof OutProperties]?: unknown }): PublishSettings {
	return { queue: queueOf(raw.queueSize, raw.queueDrop), tellsResult: wholeOf(raw.outputs) === 1 };
}

function queueOf(size: unknown, policy: unknown): NodeQueue | undefined {
	const messages = isEmpty(size) ? undefined : wholeOf(size);
	if (messages === undefined && !isEmpty(size)) throw invalid("queueSize", size, "a whole number, or empty");
	const drop = drops.find((known) => known === policy);
	if (drop === undefined && !isEmpty(policy))
		throw invalid("queueDrop", policy, `one of ${drops.join(", ")}, or empty`);
	return messages === undefined && drop === undefined ? undefined : { messages, drop };
}

function isEmpty(value: unknown): boolean {
	return value === undefined || value === null || value === "";
}

function invalid(name: string, value: unknown, rule: string): FlowbrokerError {
	const shown = String(JSON.stringify(value)).slice(0, 60);
	const sentence = `The field "${name}" of the out node must be ${rule}; it is ${shown}. Open the node and correct it.`;
	return new FlowbrokerError("OPTION_INVALID", sentence);
}
