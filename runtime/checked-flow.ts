/** Reads flow files and finds everything that is wrong with them before anything is started. */

import type { FlowbrokerError } from "../broker";
import { findMissingSubflows, findUnknownTypes } from "./flow-check";
import { readFlowFile } from "./flow-files";
import { type FlowFile, type MergedFlow, mergeFlows } from "./flows";
import { findInstalledNodes, type InstalledNodes } from "./installed-nodes";
import { findNodeRed, type NodeRedInstallation } from "./node-red-installation";
import { packageRoot } from "./package";

/** A flow that passed all checks, and the Node-RED to run it with. */
export interface CheckedFlow extends Pick<MergedFlow, "nodes" | "fileOf"> {
	readonly nodeRed: NodeRedInstallation;
	readonly installed: InstalledNodes;
}

/** What was read, sound or not. */
export interface ReadFlow extends CheckedFlow {
	readonly problems: readonly FlowbrokerError[];
}

/**
 * @param paths the flow files, as the user wrote them
 * @throws AggregateError with a FlowbrokerError for every problem; FlowbrokerError when there is no Node-RED
 */
export async function checkFlow(paths: readonly string[], dataFolder: string | undefined): Promise<CheckedFlow> {
	return soundFlow(await readFlow(paths, dataFolder));
}

/** As {@link checkFlow}, of files that were read already. @throws AggregateError or FlowbrokerError */
export function checkFlowFiles(files: readonly FlowFile[], dataFolder: string | undefined): CheckedFlow {
	return soundFlow(examine(files, dataFolder));
}

function soundFlow({ problems, ...flow }: ReadFlow): CheckedFlow {
	if (problems.length > 0) throw new AggregateError(problems, "The flow can't be run.");
	return flow;
}

/** As {@link checkFlow}, with what was wrong as a list. @throws FlowbrokerError when there is no Node-RED */
export async function readFlow(paths: readonly string[], dataFolder: string | undefined): Promise<ReadFlow> {
	return examine(await Promise.all(paths.map(readFlowFile)), dataFolder);
}

/** What is wrong with the files, and all that would be used to run them. @throws FlowbrokerError when there is no Node-RED */
export function examine(files: readonly FlowFile[], dataFolder: string | undefined): ReadFlow {
	const nodeRed = findNodeRed(dataFolder);
	const flow = mergeFlows(files);
	const installed = findInstalledNodes(nodeRed, packageRoot, dataFolder);
	const unread = files.flatMap((file) => file.problems);
	const problems = [
		...unread,
		...flow.problems,
		...(installed.complete ? findUnknownTypes(flow, installed) : []),
		// A subflow may be in the very part of a file that could not be read.
		...(unread.length === 0 ? findMissingSubflows(flow) : []),
	];
	return { nodes: flow.nodes, fileOf: flow.fileOf, nodeRed, installed, problems };
}
