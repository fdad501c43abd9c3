/** A flow with all that it needs to be started: its nodes, their secrets, and the Node-RED to run it. */

import { type CheckedFlow, checkFlow, checkFlowFiles } from "./checked-flow";
import type { FlowFile, FlowNode } from "./flows";
import { collectSecrets } from "./secrets/collect";
import { withoutSecrets } from "./secrets/in-flow";
import type { NodeCredentials } from "./secrets/node-red-credentials";
import { readSources, type SecretSources } from "./secrets/sources";

/** The nodes hold no secrets: those are in `credentials`. */
export interface RunnableFlow extends CheckedFlow {
	readonly credentials: NodeCredentials;
	/** The nodes as their files have them: `nodes` is without the secrets that may stand there. */
	readonly written: readonly FlowNode[];
	/** Sentences about secrets that are for no node. */
	readonly warnings: readonly string[];
}

/** What is read. Paths as the user wrote them. */
export interface FlowSources {
	readonly files: readonly string[];
	readonly dataFolder: string | undefined;
	readonly secrets: SecretSources;
}

/** @throws AggregateError with a FlowbrokerError for every problem; FlowbrokerError when something can't be read */
export async function readRunnableFlow(sources: FlowSources): Promise<RunnableFlow> {
	return withSecrets(await checkFlow(sources.files, sources.dataFolder), sources.secrets);
}

/** As {@link readRunnableFlow}, of files that were read already. @throws AggregateError or FlowbrokerError */
export async function makeRunnableFlow(
	files: readonly FlowFile[],
	{ dataFolder, secrets }: Pick<FlowSources, "dataFolder" | "secrets">,
): Promise<RunnableFlow> {
	return withSecrets(checkFlowFiles(files, dataFolder), secrets);
}

async function withSecrets(flow: CheckedFlow, secrets: SecretSources): Promise<RunnableFlow> {
	const { credentials, warnings, problems } = collectSecrets(flow, await readSources(secrets, flow.nodeRed));
	if (problems.length > 0) throw new AggregateError(problems, "Secrets of the flow are missing.");
	return { ...flow, nodes: withoutSecrets(flow.nodes), written: flow.nodes, credentials, warnings };
}
