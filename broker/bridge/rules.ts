/** Which topics cross a bridge, in which direction and under which names: Mosquitto's `topic` lines. */

import { FlowbrokerError } from "../errors";
import type { QoS } from "../message";
import { known, oneOf, record, show, whole } from "../parse";
import { isTopicName, whyNotFilter } from "../topic";

export const bridgeDirections = ["out", "in", "both"] as const;
export type BridgeDirection = (typeof bridgeDirections)[number];

export interface BridgeRule {
	/** What the topics of both brokers have behind their prefixes; empty: the prefixes are the two topics. */
	readonly filter: string;
	readonly direction: BridgeDirection;
	/** The highest QoS with which messages cross. */
	readonly qos: QoS;
	readonly localPrefix: string;
	readonly remotePrefix: string;
}

const names = ["filter", "direction", "qos", "localPrefix", "remotePrefix"];

/**
 * Reads rules from anywhere. One that stands twice is taken once.
 * @throws FlowbrokerError OPTION_INVALID, naming the rule by its place in the list
 */
export function parseBridgeRules(input: unknown): BridgeRule[] {
	if (!Array.isArray(input)) throw invalid("The rules of the bridge", `must be a list, not ${show(input)}`);
	const rules = new Map<string, BridgeRule>();
	for (const [at, one] of input.entries()) {
		const rule = parseRule(one, at);
		rules.set(JSON.stringify(rule), rule);
	}
	return [...rules.values()];
}

function parseRule(input: unknown, at: number): BridgeRule {
	const path = `rules[${at}]`;
	const given = record(input, path);
	known(given, names, `${path}.`);
	const rule: BridgeRule = {
		filter: textIn(given, "filter", at),
		direction: oneOf(given.direction ?? "out", `${path}.direction`, bridgeDirections),
		qos: whole(Number(given.qos ?? 0), `${path}.qos`, 0, 2) as QoS,
		localPrefix: textIn(given, "localPrefix", at),
		remotePrefix: textIn(given, "remotePrefix", at),
	};
	const problem = whyNotRule(rule);
	if (problem) throw invalid(`Rule ${at + 1} of the bridge`, problem);
	return rule;
}

/** Says what is wrong with a rule, in words that follow its name; `undefined` when it is valid. */
export function whyNotRule({ filter, localPrefix, remotePrefix }: BridgeRule): string | undefined {
	for (const [place, prefix] of [
		["local", localPrefix],
		["remote", remotePrefix],
	] as const) {
		if (/[+#]/.test(prefix)) return `has the ${place} prefix "${prefix}": a prefix must not contain + or #`;
		if (filter === "" && !isTopicName(prefix))
			return "has no topic filter: then both prefixes must be filled in, with the two topics that belong together";
		const problem = whyNotFilter(prefix + filter);
		if (problem) return `has the ${place} topic filter "${prefix + filter}", which can't be used: ${problem}`;
	}
	return undefined;
}

function textIn(given: Record<string, unknown>, name: string, at: number): string {
	const value = given[name] ?? "";
	if (typeof value === "string") return value;
	throw invalid(`Rule ${at + 1} of the bridge`, `has a ${name} that is no text: ${show(value)}`);
}

function invalid(place: string, problem: string): FlowbrokerError {
	return new FlowbrokerError("OPTION_INVALID", `${place} ${problem}.`);
}
