/** What `flowbroker check` says of a flow. */

import type { ErrorCode, FlowbrokerError } from "../../broker";
import { FlowProblem } from "../flow-problem";
import type { FlowNode, MergedFlow } from "../flows";

/** `error`: it will not work; `warning`: it will hardly do what was meant; `note`: worth knowing. */
export type Severity = "error" | "warning" | "note";

/** The findings that are no errors of `flowbroker run`. */
export const findingCodes = {
	REFERENCE_BROKEN: "A node refers to a node that is in no file, or to one of another kind.",
	REFERENCE_MISSING: "A node needs another one, such as a broker, and none was chosen.",
	REFERENCE_DISABLED: "A node refers to one that is disabled.",
	WIRE_TO_NOWHERE: "A wire or a link ends at a node that is in no file.",
	BROKER_OPEN: "An embedded broker lets everybody in the network in, without user name.",
	BROKER_WITHOUT_USERS: "An embedded broker is open to the network, and nobody can log in.",
	SECRET_IN_FLOW: "The address of a broker holds a password, which everybody reads who can read the flow.",
	SECRET_POSSIBLE: "A node may have had a user name or password, which no export keeps.",
} as const satisfies Record<string, string>;

export type FindingCode = keyof typeof findingCodes | ErrorCode;

/** One thing that was found, in the form that `--format json` prints. */
export interface Finding {
	readonly severity: Severity;
	readonly code: FindingCode;
	/** The flow file, as the user wrote its name; absent where it is about none. */
	readonly file?: string | undefined;
	/** The id of the node. */
	readonly node?: string | undefined;
	/** A sentence with the place and the remedy. */
	readonly message: string;
}

/** The part of a flow that the checks look at. */
export type Flow = Pick<MergedFlow, "nodes" | "fileOf">;

/** @param what goes on after the name of the node: `has no broker. Choose one.` */
export function finding(flow: Flow, severity: Severity, code: FindingCode, node: FlowNode, what: string): Finding {
	const file = flow.fileOf.get(node.id);
	return { severity, code, file, node: node.id, message: `${file}: ${nameOf(node)} ${what}` };
}

/** An error that stops `flowbroker run`. */
export function findingOf(error: FlowbrokerError): Finding {
	const place = error instanceof FlowProblem ? error.place : {};
	return { severity: "error", code: error.code, ...place, message: error.message };
}

/** For example `the mqtt in "Door" (node a1)`. */
export function nameOf(node: FlowNode): string {
	const name = typeof node.name === "string" && node.name !== "" ? node.name : node.label;
	return typeof name === "string" && name !== ""
		? `the ${node.type} "${name}" (node ${node.id})`
		: `the ${node.type} (node ${node.id})`;
}
