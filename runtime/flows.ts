/** Reads and merges flow files as the Node-RED editor exports them. Pure: texts in, nodes and problems out. */

import { isDeepStrictEqual } from "node:util";
import type { FlowbrokerError } from "../broker";
import { errorText } from "./error-text";
import { FlowProblem } from "./flow-problem";
import { mergeGlobalConfigs } from "./global-config";
import { findJsonError } from "./json-position";

/** One entry of an exported flow: a node, or a tab, subflow, group or configuration. */
export interface FlowNode {
	readonly id: string;
	readonly type: string;
	readonly [property: string]: unknown;
}

/** What one flow file holds. */
export interface FlowFile {
	/** The path as the user wrote it, for messages. */
	readonly name: string;
	readonly nodes: readonly FlowNode[];
	readonly problems: readonly FlowbrokerError[];
}

/** The nodes of several files as one flow. */
export interface MergedFlow {
	readonly nodes: readonly FlowNode[];
	/** Id of a node -> the name of the file that it comes from. */
	readonly fileOf: ReadonlyMap<string, string>;
	readonly problems: readonly FlowbrokerError[];
}

/** Parses the text of a flow file. Entries with a problem are left out of `nodes`. */
export function parseFlowFile(name: string, text: string): FlowFile {
	const invalid = (sentence: string): FlowFile => ({ name, nodes: [], problems: [flowInvalid(name, sentence)] });
	if (text.trim() === "") return invalid("is empty. Export the flow again in the editor (menu, Export).");
	let content: unknown;
	try {
		content = JSON.parse(text);
	} catch (error) {
		return invalid(whereItBreaks(text, error));
	}
	if (!Array.isArray(content)) {
		return invalid("does not hold a list of nodes. Use a file that the editor exported (menu, Export).");
	}
	if (content.length === 0) return invalid("holds no nodes. Export the flow again in the editor (menu, Export).");
	const problems: FlowbrokerError[] = [];
	const nodes: FlowNode[] = [];
	for (const [index, entry] of content.entries()) {
		const problem = whatIsMissing(entry);
		if (problem) problems.push(damaged(name, entry, index, problem));
		else nodes.push(entry as FlowNode);
	}
	return { name, nodes, problems };
}

/**
 * Puts the nodes of several files together. A node that is in more than one place, and equal but for its position on
 * the canvas, is taken once; one that differs is a problem, because Node-RED would silently run both.
 */
export function mergeFlows(files: readonly Pick<FlowFile, "name" | "nodes">[]): MergedFlow {
	const nodes = new Map<string, FlowNode>();
	const fileOf = new Map<string, string>();
	const problems: FlowbrokerError[] = [];
	const sourced = files.flatMap((file) => file.nodes.map((node) => ({ node, file: file.name })));
	for (const { node, file } of sourced) {
		if (node.type === "global-config") continue;
		const earlier = nodes.get(node.id);
		if (!earlier) {
			nodes.set(node.id, node);
			fileOf.set(node.id, file);
		} else if (!isDeepStrictEqual(withoutPosition(earlier), withoutPosition(node))) {
			problems.push(duplicate(node.id, fileOf.get(node.id) ?? file, file));
		}
	}
	const globals = mergeGlobalConfigs(sourced.filter(({ node }) => node.type === "global-config"));
	if (globals.node) {
		nodes.set(globals.node.id, globals.node);
		fileOf.set(globals.node.id, globals.file);
	}
	return { nodes: [...nodes.values()], fileOf, problems: [...problems, ...globals.problems] };
}

function flowInvalid(file: string, sentence: string): FlowbrokerError {
	return new FlowProblem("FLOW_INVALID", `${file} ${sentence}`, { file });
}

function damaged(file: string, entry: unknown, index: number, problem: string): FlowbrokerError {
	const id = (entry as { id?: unknown } | null)?.id;
	const known = typeof id === "string" && id !== "" ? id : undefined;
	const name = known === undefined ? `number ${index + 1} of the list` : `node ${known}`;
	return new FlowProblem("FLOW_INVALID", `${file} has a damaged entry: ${name} ${problem}.`, { file, node: known });
}

function whereItBreaks(text: string, error: unknown): string {
	const position = findJsonError(text);
	if (!position) return `is not valid JSON: ${errorText(error)}. Export the flow again.`;
	const place = `line ${position.line}, column ${position.column}`;
	if (position.atEnd) return `is incomplete: it ends at ${place}. Copy or export it again.`;
	return `is not valid JSON: the first mistake is at ${place}. Correct it, or export the flow again.`;
}

function whatIsMissing(entry: unknown): string | undefined {
	if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return "is not a node";
	const { id, type } = entry as { id?: unknown; type?: unknown };
	if (typeof id !== "string" || id === "") return "has no id";
	if (typeof type !== "string" || type === "") return "has no type";
	return undefined;
}

function duplicate(id: string, first: string, second: string): FlowbrokerError {
	const where = first === second ? `twice in ${first}` : `in ${first} and in ${second}`;
	const sentence = `The node ${id} is ${where}, and the two differ. Export the newer one again, or leave one of them out.`;
	return new FlowProblem("FLOW_CONFLICT", sentence, { file: second, node: id });
}

/** Where things are drawn is no difference; a subflow's inputs and outputs have a place of their own. */
function withoutPosition(node: FlowNode): Record<string, unknown> {
	const kept = omitPosition(node);
	if (node.type !== "subflow") return kept;
	for (const ports of ["in", "out"] as const) {
		const list = kept[ports];
		if (Array.isArray(list)) kept[ports] = list.map((port: unknown) => omitPosition(port));
	}
	kept.status = omitPosition(kept.status);
	return kept;
}

function omitPosition(value: unknown): Record<string, unknown> {
	return Object.fromEntries(Object.entries(value ?? {}).filter(([key]) => !["x", "y", "w", "h"].includes(key)));
}
