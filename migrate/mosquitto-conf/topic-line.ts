/** Reads a bridge's line `topic PATTERN [[[out|in|both] QOS] LOCAL REMOTE]`. */

import { whyNotRule } from "../../broker";

export interface BridgeRule {
	readonly filter: string;
	readonly direction: "out" | "in" | "both";
	readonly qos: string;
	readonly localPrefix: string;
	readonly remotePrefix: string;
}

/** @returns what is wrong, in words, when it is no such line */
export function parseTopicLine(value: string): BridgeRule | string {
	const [filter, direction = "out", qos = "0", localPrefix = "", remotePrefix = "", ...more] = wordsOf(value);
	if (filter === undefined) return "it names no topic";
	if (more.length > 0) return "it has too many words";
	if (direction !== "out" && direction !== "in" && direction !== "both") {
		return `"${direction}" is no direction: it must be out, in or both`;
	}
	if (!/^[012]$/.test(qos)) return `"${qos}" is no QoS: it must be 0, 1 or 2`;
	const problem = whyNotRule({ filter, direction, qos: Number(qos) as 0 | 1 | 2, localPrefix, remotePrefix });
	return problem ? `it ${problem}` : { filter, direction, qos, localPrefix, remotePrefix };
}

/** Words may stand in quotes; `""` is an empty one. */
function wordsOf(text: string): string[] {
	return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}
