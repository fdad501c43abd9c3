/** Merges the global settings that every export carries: the editor gives each of them a random id. */

import { isDeepStrictEqual } from "node:util";
import type { FlowbrokerError } from "../broker";
import { FlowProblem } from "./flow-problem";
import type { FlowNode } from "./flows";

/** The one id that the merged settings get, so that a new export of the same flow is no change. */
const globalConfigId = "flowbroker-global-config";

interface SourcedNode {
	readonly node: FlowNode;
	readonly file: string;
}

interface MergedGlobalConfig {
	/** `undefined` when no file has global settings. */
	readonly node: FlowNode | undefined;
	/** The first file that has some. */
	readonly file: string;
	readonly problems: readonly FlowbrokerError[];
}

/**
 * Unites environment variables by name, and the lists of npm modules (the first version named wins: it only tells what
 * to install). A variable that has two values is a problem.
 */
export function mergeGlobalConfigs(configs: readonly SourcedNode[]): MergedGlobalConfig {
	const first = configs[0];
	if (!first) return { node: undefined, file: "", problems: [] };
	const variables = new Map<string, { readonly variable: object; readonly file: string }>();
	const problems: FlowbrokerError[] = [];
	let modules: Record<string, string> = {};
	for (const { node, file } of configs) {
		modules = { ...modulesOf(node), ...modules };
		for (const variable of variablesOf(node)) {
			const earlier = variables.get(variable.name);
			if (!earlier) variables.set(variable.name, { variable, file });
			else if (!isDeepStrictEqual(earlier.variable, variable)) {
				const sentence = `The global environment variable ${variable.name} has one value in ${earlier.file} and another in ${file}. Give it the same value in both.`;
				problems.push(new FlowProblem("FLOW_CONFLICT", sentence, { file, node: node.id }));
			}
		}
	}
	const env = [...variables.values()].map(({ variable }) => variable);
	return { node: { ...first.node, id: globalConfigId, env, modules }, file: first.file, problems };
}

/** The npm modules that the flow was made with, name -> version, as the editor notes them in an export. */
export function modulesOf(node: FlowNode | undefined): Record<string, string> {
	const entries = Object.entries(node?.modules ?? {});
	return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function variablesOf(node: FlowNode): { readonly name: string }[] {
	if (!Array.isArray(node.env)) return [];
	return node.env.filter((entry: unknown): entry is { name: string } => {
		return typeof (entry as { name?: unknown } | null)?.name === "string";
	});
}
