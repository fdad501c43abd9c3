/** The flow that runs: started, read again, tried, and taken back where it does not work. */

import { isDeepStrictEqual } from "node:util";
import type { ListenerState } from "../broker";
import type { FlowRunner } from "./flow-runner";
import type { FlowHistory } from "./rollback/flow-history";
import type { RunOutput } from "./run-output";
import type { RunnableFlow } from "./runnable-flow";
import { Trial } from "./trial";

/** What a live flow is made of. */
export interface LiveFlowParts {
	readonly runner: FlowRunner;
	readonly output: RunOutput;
	/** Reads the flow files. */
	readonly read: () => Promise<RunnableFlow>;
	/** Where a flow that fails is taken back. */
	readonly rollback: Rollback | undefined;
}

export interface Rollback {
	readonly history: FlowHistory;
	/** How long a flow must work, milliseconds. */
	readonly milliseconds: number;
	/** The last flow that worked, with all that it needs. */
	readonly recall: () => Promise<RunnableFlow | undefined>;
}

/** What came of a changed flow. */
export type Outcome = { readonly running: true } | { readonly running: false; readonly error: unknown };

export interface Change {
	readonly now: Outcome;
	/** What comes of it when its trial is over; the same where there is none. */
	readonly final: Promise<Outcome>;
}

const running: Outcome = { running: true };
const goesOn = "The changed flow is not used; what ran before goes on running.";
const takenBack = "The flow is taken back; the last one that worked runs.";

/** `start` and `stop` go together. `reload` is called between them, once at a time; `failed` at any time. */
export class LiveFlow {
	readonly #parts: LiveFlowParts;
	#flow: RunnableFlow;
	#trial: Trial | undefined;
	/** The change that is on trial. */
	#onTrial: Change | undefined;
	/** Resolves, and never rejects, when what follows from the end of the trial is done. */
	#settled: Promise<unknown> = Promise.resolve();

	/** @param flow that is started first */
	constructor(flow: RunnableFlow, parts: LiveFlowParts) {
		this.#flow = flow;
		this.#parts = parts;
	}

	/** @throws AggregateError or FlowbrokerError, when there is no flow to go back to either */
	async start(): Promise<ListenerState[]> {
		const { runner, rollback, output } = this.#parts;
		const flow = this.#flow;
		if (!rollback || rollback.history.isGood(flow.written)) return runner.start();
		const trial = await this.#open(flow, rollback);
		try {
			const listeners = await runner.start();
			void this.#follow(trial, flow, rollback, undefined);
			return listeners;
		} catch (error) {
			this.#close(trial);
			const good = await rollback.recall();
			if (!good) {
				await rollback.history.leave();
				throw error;
			}
			await rollback.history.reject(flow.written);
			output.hide(good.credentials);
			await runner.fallBack(good);
			this.#flow = good;
			output.refused(error, takenBack);
			return runner.listeners();
		}
	}

	/** Runs the changed files. Never rejects, and says what came out: what runs goes on running. */
	async reload(): Promise<Change> {
		const { output, read, rollback } = this.#parts;
		try {
			const flow = await read();
			output.hide(flow.credentials);
			// A deployment writes the file, and a watch of the file notices that.
			if (this.#onTrial && isDeepStrictEqual(deploymentOf(flow), deploymentOf(this.#flow))) return this.#onTrial;
			// What goes on because of the trial before comes first.
			this.#trial?.leave();
			await this.#settled;
			if (!rollback || rollback.history.isGood(flow.written)) return atOnce(await this.#replace(flow));
			return await this.#tryOut(flow, rollback);
		} catch (error) {
			output.refused(error, goesOn);
			return atOnce({ running: false, error });
		}
	}

	/** Something in the flow failed while it ran. @returns false: it is not on trial, so that nothing is taken back */
	failed(error: unknown): boolean {
		if (!this.#trial) return false;
		this.#trial.fail(error);
		return true;
	}

	async stop(): Promise<void> {
		this.#trial?.leave();
		await this.#settled;
		await this.#parts.runner.stop();
	}

	/** Without a trial, a listener that is down is told, and the rest runs. @throws what `FlowRunner.replace` throws */
	async #replace(flow: RunnableFlow): Promise<Outcome> {
		const { runner, output } = this.#parts;
		await runner.replace(flow);
		this.#flow = flow;
		for (const warning of flow.warnings) output.warn(warning);
		try {
			await runner.listeners();
			output.reloaded();
			return running;
		} catch (error) {
			output.refused(error, "The changed flow runs, but for what is said above.");
			return { running: false, error };
		}
	}

	/** @throws FlowbrokerError FILE_UNWRITABLE */
	async #tryOut(flow: RunnableFlow, rollback: Rollback): Promise<Change> {
		const { runner, output } = this.#parts;
		const before = this.#flow;
		const trial = await this.#open(flow, rollback);
		try {
			await runner.replace(flow);
			await runner.listeners();
		} catch (error) {
			this.#close(trial);
			await this.#takeBack(flow, before, error, rollback);
			return atOnce({ running: false, error });
		}
		this.#flow = flow;
		for (const warning of flow.warnings) output.warn(warning);
		output.reloaded();
		this.#onTrial = { now: running, final: this.#follow(trial, flow, rollback, before) };
		return this.#onTrial;
	}

	async #open(flow: RunnableFlow, { history, milliseconds }: Rollback): Promise<Trial> {
		await history.try(flow.written);
		this.#trial = new Trial(milliseconds);
		return this.#trial;
	}

	#close(trial: Trial): void {
		trial.leave();
		if (this.#trial !== trial) return;
		this.#trial = undefined;
		this.#onTrial = undefined;
	}

	/** @param before what is run again where no flow has ever worked for long enough */
	#follow(trial: Trial, flow: RunnableFlow, rollback: Rollback, before: RunnableFlow | undefined): Promise<Outcome> {
		const { output } = this.#parts;
		const final = trial.over
			.then(async (verdict): Promise<Outcome> => {
				this.#close(trial);
				if (verdict === "left") await rollback.history.leave();
				if (verdict === "kept") {
					await rollback.history.keep(flow.written);
					output.kept();
				}
				if (typeof verdict === "string") return running;
				await this.#takeBack(flow, before, verdict.failed, rollback);
				return { running: false, error: verdict.failed };
			})
			.catch((error: unknown): Outcome => {
				output.refused(error, "The flow goes on running.");
				return { running: false, error };
			});
		this.#settled = final;
		return final;
	}

	async #takeBack(
		flow: RunnableFlow,
		before: RunnableFlow | undefined,
		error: unknown,
		{ history, recall }: Rollback,
	): Promise<void> {
		const { runner, output } = this.#parts;
		const good = (await recall()) ?? before;
		if (!good) {
			await history.leave();
			return output.refused(error, "There is no flow to go back to, so that this one goes on running.");
		}
		await history.reject(flow.written);
		output.hide(good.credentials);
		await runner.replace(good);
		this.#flow = good;
		output.refused(error, takenBack);
	}
}

function deploymentOf({ nodes, credentials }: RunnableFlow): object {
	return { nodes, credentials };
}

function atOnce(outcome: Outcome): Change {
	return { now: outcome, final: Promise.resolve(outcome) };
}
