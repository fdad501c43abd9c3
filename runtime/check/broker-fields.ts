/** Finds the embedded brokers of a flow, and reads their fields as their nodes do, as far as the environment is known. */

import type { FlowNode } from "../flows";
import { activeNodes } from "./active";

/** The value of an environment variable. */
export type Lookup = (variable: string) => string | undefined;

/** A field as text, with variables filled in; `otherwise` where it is empty. */
export function filledField(value: unknown, lookup: Lookup, otherwise = ""): string {
	return fill(textOf(value) || otherwise, lookup);
}

export function embeddedBrokers(nodes: readonly FlowNode[], lookup: Lookup): FlowNode[] {
	return activeNodes(nodes).filter(({ type, kind }) => {
		return type === "flowbroker-broker" && filledField(kind, lookup, "embedded") === "embedded";
	});
}

export function textOf(value: unknown): string {
	return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
}

/** `${NAME}` and `${NAME:-text}`, as the broker's node reads them; what is not set stays as it is. */
function fill(text: string, lookup: Lookup): string {
	return text.replace(/\$\{([^}]+?)(?::-([^}]*))?\}/g, (whole, name: string, otherwise?: string) => {
		const value = lookup(name);
		return value === undefined || (value === "" && otherwise !== undefined) ? (otherwise ?? whole) : value;
	});
}
