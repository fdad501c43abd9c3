/** Chooses the flow to start with: the one of the files, or the last good one where that is known to fail. */

import type { Rollback } from "./live-flow";
import type { RunOutput } from "./run-output";
import type { RunnableFlow } from "./runnable-flow";

const goodRuns = "The last flow that worked runs in its place.";

/** @throws AggregateError or FlowbrokerError, where there is no good flow */
export async function chooseFlow(
	read: () => Promise<RunnableFlow>,
	rollback: Rollback | undefined,
	output: RunOutput,
): Promise<RunnableFlow> {
	let flow: RunnableFlow;
	try {
		flow = await read();
	} catch (error) {
		const good = await rollback?.recall();
		if (!good) throw error;
		output.refused(error, goodRuns);
		return good;
	}
	if (!rollback?.history.hasFailed(flow.written)) return flow;
	const good = await rollback.recall();
	if (!good) return flow;
	output.warn(`This flow was started before and failed: correct it, or send SIGHUP to try it again. ${goodRuns}`);
	return good;
}
