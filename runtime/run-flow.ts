/** Runs a flow from its start to its stop: puts the parts together that `flowbroker run` is made of. */

import { FlowbrokerError } from "../broker";
import { checkReadFiles } from "./check/check-flow";
import { CrashGuard } from "./crash-guard";
import { prepareDataFolder } from "./data-folder";
import { Deployments } from "./deploy/deployments";
import { chooseFlow } from "./first-flow";
import { FlowRunner } from "./flow-runner";
import { type HttpOptions, isExposed } from "./http-options";
import { LiveFlow, type Rollback } from "./live-flow";
import type { LogLevel } from "./log";
import { MemoryLimit } from "./memory-limit";
import { NodeContext } from "./node-context";
import { onReloadSignal, onUncaught } from "./process-events";
import { Reloads } from "./reloads";
import { FlowHistory } from "./rollback/flow-history";
import type { LogFormat, RunOutput } from "./run-output";
import { type FlowSources, makeRunnableFlow, readRunnableFlow } from "./runnable-flow";
import { runUntilStopped } from "./running";
import { ServiceNotifier, takeServiceEnvironment } from "./service/notifier";
import { startSmall } from "./small-start";
import { WatchedFiles } from "./watched-files";

const exposedToken =
	"The HTTP server is open to the network without https: everybody on the way can read its token. Add --http-cert and --http-key.";

/** What the call, the environment and the configuration file ask for. */
export interface RunOptions extends FlowSources {
	readonly port: string;
	/** Megabytes. */
	readonly memory: number | undefined;
	/** Seconds; only where there is a data folder. */
	readonly rollback: number | undefined;
	readonly watch: boolean;
	readonly format: LogFormat;
	readonly level: LogLevel;
}

/** Resolves when somebody has stopped it. @throws AggregateError or FlowbrokerError */
export async function runFlow(options: RunOptions, http: HttpOptions | undefined, output: RunOutput): Promise<void> {
	const { dataFolder, watch, level } = options;
	const endSmallStart = startSmall();
	const notifier = new ServiceNotifier(takeServiceEnvironment(process.env), (sentence) => output.warn(sentence));
	notifier.open();
	// What changes from here on, while the flow starts, is run when it has started.
	const reloads = new Reloads();
	const watched = new WatchedFiles(filesToWatch(options), {
		changed: () => reloads.request(),
		problem: (sentence) => output.warn(sentence),
	});
	onReloadSignal(() => reloads.request());
	if (watch) await watched.open();
	try {
		if (dataFolder !== undefined) await prepareDataFolder(dataFolder);
		const read = () => readRunnableFlow(options);
		const rollback = await rollbackOf(options, output);
		const flow = await chooseFlow(read, rollback, output);
		output.hide(flow.credentials);
		process.env.FLOWBROKER_PORT = options.port;
		const verbose = level === "debug" || level === "trace";
		const allCoreNodes = watch || rollback !== undefined;
		const context = new NodeContext();
		const runner = new FlowRunner(flow, { dataFolder, verbose, allCoreNodes, onLog: output.log, context });
		const live = new LiveFlow(flow, { runner, output, read, rollback });
		const { fatal, end } = fatalErrors();
		const guard = new CrashGuard();
		onUncaught((error) => {
			const judged = guard.judge(error, context.current);
			const onTrial = live.failed(judged.error);
			if (judged.fatal) end(judged.error);
			else if (!onTrial) output.failed(judged.error);
		});
		const memory = new MemoryLimit(options.memory, (error) => {
			live.failed(error);
			end(error);
		});
		let started = false;
		// Express is only loaded where it is wanted.
		const server =
			http &&
			new (await import("./http-server.js")).HttpServer(http, {
				brokers: () => runner.brokers(),
				started: () => started,
				deployments: http.allowDeploy ? deploymentsOf(options, reloads, live, () => started) : undefined,
				onFault: (error) => output.refused(error, "The admin API failed."),
			});
		const start = async () => {
			for (const warning of flow.warnings) output.warn(warning);
			const address = await server?.open();
			if (http && isExposed(http)) output.warn(exposedToken);
			const listeners = await live.start();
			endSmallStart();
			memory.open();
			notifier.ready(output.announce(listeners, flow.nodes, address));
			started = true;
			reloads.begin(async () => {
				await live.reload();
			});
		};
		const stop = async () => {
			memory.close();
			await server?.close();
			await live.stop();
		};
		await runUntilStopped(start, stop, fatal);
	} finally {
		notifier.close();
		watched.close();
	}
}

/** @param options with exactly one flow file */
function deploymentsOf(options: RunOptions, reloads: Reloads, live: LiveFlow, started: () => boolean): Deployments {
	const { dataFolder, secrets } = options;
	const lookup = (variable: string) => process.env[variable];
	return new Deployments({
		file: options.files[0] ?? "",
		check: (files) => checkReadFiles(files, { dataFolder, secrets, lookup }),
		run: (write) =>
			reloads.inTurn(async () => {
				if (!started()) throw new FlowbrokerError("DEPLOY_BUSY", "The runtime is still starting: try again soon.");
				await write();
				return live.reload();
			}),
	});
}

function filesToWatch({ files, secrets }: RunOptions): string[] {
	const secretFiles = [secrets.secretsFile, secrets.credentialsFile].filter((file) => file !== undefined);
	return [...files, ...secretFiles];
}

async function rollbackOf(options: RunOptions, output: RunOutput): Promise<Rollback | undefined> {
	const { dataFolder, rollback } = options;
	if (rollback === undefined || dataFolder === undefined) return undefined;
	const history = new FlowHistory(dataFolder);
	const problem = await history.load();
	if (problem !== undefined) output.warn(problem);
	const recall = async () => {
		if (!history.good) return undefined;
		return makeRunnableFlow([{ name: history.file, nodes: history.good, problems: [] }], options);
	};
	return { history, milliseconds: rollback * 1000, recall };
}

/** @returns a promise that rejects when `end` is called */
function fatalErrors(): { readonly fatal: Promise<never>; readonly end: (error: unknown) => void } {
	let end: (error: unknown) => void = () => {};
	const fatal = new Promise<never>((_resolve, reject) => {
		end = reject;
	});
	// Whoever waits for it hears of it; nobody waits before the start.
	fatal.catch(() => {});
	return { fatal, end };
}
