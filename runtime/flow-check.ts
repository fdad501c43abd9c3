/** Checks that everything a flow is made of is there, before anything of it is started. Pure. */

import type { FlowbrokerError } from "../broker";
import { FlowProblem } from "./flow-problem";
import type { FlowNode, MergedFlow } from "./flows";
import { modulesOf } from "./global-config";
import type { InstalledNodes } from "./installed-nodes";
import { packageOf } from "./known-packages";

/** Entries of a flow that are no nodes: Node-RED knows them without a node file. */
const structuralTypes = new Set(["tab", "subflow", "group"]);

const subflowPrefix = "subflow:";

/** npm's rule for names. A name from a flow file that breaks it is not shown as a command to type in. */
const packageName = /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i;

/** The types of the nodes that need a node file. */
export function usedTypes(nodes: readonly FlowNode[]): Set<string> {
	const types = nodes.map((node) => node.type);
	return new Set(types.filter((type) => !structuralTypes.has(type) && !type.startsWith(subflowPrefix)));
}

/** One problem for every file and type that is not installed, with the nodes concerned and what to install. */
export function findUnknownTypes(
	flow: Pick<MergedFlow, "nodes" | "fileOf">,
	installed: Pick<InstalledNodes, "types" | "packages">,
): FlowbrokerError[] {
	const unknown = new Set([...usedTypes(flow.nodes)].filter((type) => !installed.types.has(type)));
	const places = new Map<string, FlowNode[]>();
	for (const node of flow.nodes.filter((candidate) => unknown.has(candidate.type))) {
		const place = `${flow.fileOf.get(node.id)}: the node type "${node.type}" is not installed`;
		places.set(place, [...(places.get(place) ?? []), node]);
	}
	return [...places].map(([place, nodes]) => {
		const [first] = nodes as [FlowNode];
		const sentence = `${place} (${nameNodes(nodes)}). ${whatToInstall(first.type, flow.nodes, installed.packages)}`;
		return new FlowProblem("NODE_TYPE_UNKNOWN", sentence, { file: flow.fileOf.get(first.id), node: first.id });
	});
}

/** One problem for every subflow that is used but not among the files. */
export function findMissingSubflows(flow: Pick<MergedFlow, "nodes" | "fileOf">): FlowbrokerError[] {
	const defined = new Set(flow.nodes.filter((node) => node.type === "subflow").map((node) => node.id));
	return flow.nodes
		.filter((node) => node.type.startsWith(subflowPrefix) && !defined.has(node.type.slice(subflowPrefix.length)))
		.map((node) => {
			const subflow = node.type.slice(subflowPrefix.length);
			const sentence = `${flow.fileOf.get(node.id)}: node ${node.id} uses the subflow ${subflow}, which is in no file. Export the flow together with its subflow.`;
			return new FlowProblem("FLOW_INVALID", sentence, { file: flow.fileOf.get(node.id), node: node.id });
		});
}

function nameNodes(nodes: readonly FlowNode[]): string {
	return `${nodes.length === 1 ? "node" : "nodes"} ${nodes.map((node) => node.id).join(", ")}`;
}

/**
 * The export names the packages of the flow, but not which type comes from which: those not installed are the ones,
 * unless the type is well known.
 */
function whatToInstall(type: string, nodes: readonly FlowNode[], installed: ReadonlySet<string>): string {
	const modules = Object.entries(modulesOf(nodes.find((node) => node.type === "global-config")));
	const missing = modules.filter(([name]) => name !== "node-red" && !installed.has(name) && packageName.test(name));
	const known = packageOf(type);
	const wanted = missing.some(([name]) => name === known) ? missing.filter(([name]) => name === known) : missing;
	const names = wanted.map(([name, version]) => (/^[\w.+-]+$/.test(version) ? `${name}@${version}` : name));
	if (names.length === 0 && known !== undefined) names.push(known);
	if (names.length === 0) return "Install the package that has it in a folder, and name that folder with --data.";
	return `Install it with: flowbroker install ${names.join(" ")} --data DIR - and add --data DIR to the command.`;
}
