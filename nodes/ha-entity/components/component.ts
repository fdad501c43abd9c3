/** What every kind of entity says of itself. */

import { FlowbrokerError } from "../../../broker";
import type { EntitySettings } from "../entity-settings";
import type { EntityTopics } from "../topics";

export type State = string | number | Readonly<Record<string, unknown>>;

export interface Component {
	/** Its settings in the discovery message. */
	config(topics: EntityTopics, settings: EntitySettings): Record<string, unknown>;
	/**
	 * The state that is published for a payload of the flow. Absent where an entity has no state.
	 * @param before the state until now
	 * @throws FlowbrokerError PAYLOAD_INVALID
	 */
	state?(payload: unknown, before: State | undefined): State;
	/**
	 * What the flow gets for a command of Home Assistant. Absent where there are none.
	 * @param part the level behind `set`; empty for `set` itself
	 */
	command?(text: string, part: string): unknown;
}

export function payloadInvalid(wanted: string, payload: unknown): FlowbrokerError {
	const given = JSON.stringify(payload) ?? String(payload);
	return new FlowbrokerError(
		"PAYLOAD_INVALID",
		`The entity can't show msg.payload: it wants ${wanted}, and got ${given.slice(0, 100)}.`,
	);
}

/** A JSON object, or undefined. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
	return typeof value === "object" && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)
		? (value as Readonly<Record<string, unknown>>)
		: undefined;
}

/** `ON` or `OFF` for all the ways in which a flow says so. */
export function onOrOff(payload: unknown): "ON" | "OFF" | undefined {
	if (payload === true || payload === 1) return "ON";
	if (payload === false || payload === 0) return "OFF";
	const word = typeof payload === "string" ? payload.trim().toUpperCase() : "";
	if (word === "ON" || word === "TRUE" || word === "1") return "ON";
	return word === "OFF" || word === "FALSE" || word === "0" ? "OFF" : undefined;
}

/** The properties of an object that are named, and are there. */
export function picked(from: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
	return Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]));
}
