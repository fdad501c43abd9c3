/** Reads flow files and finds everything that is wrong with them before anything is started. */

import { findMissingSubflows, findUnknownTypes } from "./flow-check";
import { readFlowFile } from "./flow-files";
import { type MergedFlow, mergeFlows } from "./flows";
import { findInstalledNodes, type InstalledNodes } from "./installed-nodes";
import { findNodeRed, type NodeRedInstallation } from "./node-red-installation";
import { packageRoot } from "./package";

/** A flow that passed all checks, and the Node-RED to run it with. */
export interface CheckedFlow extends Pick<MergedFlow, "nodes" | "fileOf"> {
	readonly nodeRed: NodeRedInstallation;
	readonly installed: InstalledNodes;
}

/**
 * @param paths the flow files, as the user wrote them
 * @throws AggregateError with a FlowbrokerError for every problem; FlowbrokerError when there is no Node-RED
 */
export async function checkFlow(paths: readonly string[], dataFolder: string | undefined): Promise<CheckedFlow> {
	const nodeRed = findNodeRed(dataFolder);
	const files = await Promise.all(paths.map(readFlowFile));
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
	if (problems.length > 0) throw new AggregateError(problems, "The flow can't be run.");
	return { nodes: flow.nodes, fileOf: flow.fileOf, nodeRed, installed };
}
