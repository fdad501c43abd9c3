/** Reads the properties of an events node once, so that everything behind can trust them. */

import { FlowbrokerError, whyNotFilter } from "../../broker";
import { flagOf, textOf, wholeOf } from "../values";
import { type EventKind, type EventsProperties, eventKinds, eventsDefaults } from "./properties";

/** Which events are reported. */
export interface EventSettings {
	readonly kinds: ReadonlySet<EventKind>;
	/** `undefined`: all. */
	readonly clientId: string | undefined;
	readonly user: string | undefined;
	readonly topic: string | undefined;
	/** The most events a second. */
	readonly rate: number;
	readonly includeOwn: boolean;
	readonly includeSys: boolean;
}

/** The most that `rate` may be. */
const FASTEST = 100_000;

/** @throws FlowbrokerError OPTION_INVALID, FILTER_INVALID */
export function eventSettings(properties: { readonly [name in keyof EventsProperties]?: unknown }): EventSettings {
	const topic = textOf(properties.topic);
	const problem = topic && whyNotFilter(topic);
	if (problem) {
		throw new FlowbrokerError("FILTER_INVALID", `The topic "${topic}" of the events node can't be used: ${problem}.`);
	}
	return {
		kinds: kindsOf(properties.events),
		clientId: textOf(properties.clientId),
		user: textOf(properties.user),
		topic,
		rate: rateOf(properties.rate),
		includeOwn: flagOf(properties.includeOwn) ?? eventsDefaults.includeOwn,
		includeSys: flagOf(properties.includeSys) ?? eventsDefaults.includeSys,
	};
}

function kindsOf(value: unknown): Set<EventKind> {
	if (value === undefined) return new Set(eventsDefaults.events);
	const kinds = Array.isArray(value) ? value.map((one) => eventKinds.find((kind) => kind === one)) : [undefined];
	const known = kinds.filter((kind) => kind !== undefined);
	if (known.length === kinds.length) return new Set(known);
	throw invalid(`"events" must be a list of ${eventKinds.join(", ")}; it is ${JSON.stringify(value)}`);
}

function rateOf(value: unknown): number {
	if (value === undefined || value === "") return eventsDefaults.rate;
	const rate = wholeOf(value);
	if (rate !== undefined && rate >= 1 && rate <= FASTEST) return rate;
	throw invalid(`"rate" must be a whole number from 1 to ${FASTEST}; it is ${JSON.stringify(value)}`);
}

function invalid(problem: string): FlowbrokerError {
	const sentence = `The setting ${problem.slice(0, 200)}. Open the events node and correct it.`;
	return new FlowbrokerError("OPTION_INVALID", sentence);
}
