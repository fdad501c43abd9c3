/** Makes the messages of the flow from the broker's events: copies, so that a flow can't change what others see. */

import type { NodeMessage } from "node-red";
import type { ClientInfo, ListenerState, Message, StoreProblem } from "../../broker";
import { incomingMessage, undecoded } from "../in/incoming";
import type { EventKind } from "./properties";

export interface EventMessage extends NodeMessage {
	topic: EventKind;
	event: EventKind;
	payload: object;
}

export function eventMessage(event: EventKind, payload: object): EventMessage {
	return { topic: event, event, payload };
}

export function clientOf(client: ClientInfo): ClientInfo {
	return structuredClone(client);
}

/** The error becomes its code and sentence: what lies beneath it is for the log. */
export function listenerOf({ error, ...rest }: ListenerState): object {
	return { ...rest, ...(error ? { error: { code: error.code, message: error.message } } : { error: null }) };
}

/** `state` is `failing`, `working`, `repaired` or `warning`. */
export function storeProblemOf(problem: StoreProblem): object {
	if (problem.kind === "working") return { state: problem.kind, error: null };
	const { code, message } = problem.error;
	return { state: problem.kind, error: { code, message } };
}

/** With the payload as an in node that detects it would give it; the bytes where it is not what its sender says. */
export function messageOf(message: Message): object {
	try {
		const { _topic, ...rest } = incomingMessage(message, "auto-detect") as NodeMessage & { _topic?: string };
		return rest;
	} catch {
		return undecoded(message);
	}
}
