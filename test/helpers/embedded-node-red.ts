/** A real Node-RED inside the test's process, with this package's built nodes. There can be one in each test file. */

import { type EventEmitter, on, once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { LookOut } from "./look-out";

const root = join(__dirname, "../..");

/** Which of the installed Node-RED lines is tested: `node-red` or `node-red-5`. */
const packageName = process.env.FLOWBROKER_TEST_NODE_RED ?? "node-red";
const requireHere = createRequire(__filename);

/** The core nodes that the tests' flows use; all others are not loaded. */
const coreNodes = new Set([
	"05-tls.js",
	"06-httpproxy.js",
	"10-mqtt.js",
	"15-change.js",
	"24-complete.js",
	"25-catch.js",
	"91-global-config.js",
	"98-unknown.js",
]);

export interface FlowNode {
	readonly id: string;
	readonly type: string;
	readonly [property: string]: unknown;
}

export interface LogEntry {
	/** 20 error, 30 warning, 40 information. */
	readonly level: number;
	readonly msg: unknown;
	readonly id?: string;
}

export interface Status {
	readonly fill?: string;
	readonly shape?: string;
	readonly text?: string;
}

export type Msg = Record<string, unknown>;

export interface EmbeddedNodeRed {
	readonly events: EventEmitter;
	/** Resolves when the flows run; rejects when Node-RED can't start them. */
	deploy(flows: readonly FlowNode[], type?: "full" | "nodes" | "flows" | "reload"): Promise<void>;
	/** As Node-RED's stop button does. */
	stopFlows(): Promise<void>;
	startFlows(): Promise<void>;
	/** The running node. */
	node<T = unknown>(id: string): T;
	/** Hands a message to a node. */
	send(id: string, message: Msg): void;
	/** Resolves when a node of the type `test-probe` has got that many messages, counted from the start. */
	received(id: string, messages: number): Promise<Msg[]>;
	/** What a probe has got so far. */
	readonly probes: ReadonlyMap<string, Msg[]>;
	/** Resolves when the node's status is, or becomes, one that fits. */
	status(id: string, fits: (status: Status) => boolean): Promise<Status>;
	readonly log: readonly LogEntry[];
	/** Forgets what probes and log have got, and every status. */
	clear(): void;
	stop(): Promise<void>;
}

interface RedNode {
	id: string;
	on(event: "input", listener: (message: Msg) => void): void;
	receive(message: Msg): void;
}

/** The part of the embedding interface that is used here; the published types leave most of it open. */
interface NodeRed {
	init(settings: object): void;
	start(): Promise<void>;
	stop(): Promise<void>;
	readonly events: EventEmitter;
	readonly nodes: {
		registerType(set: string, type: string, node: (this: RedNode, definition: object) => void): void;
		createNode(node: RedNode, definition: object): void;
		getNode(id: string): RedNode | null;
	};
	readonly runtime: {
		readonly flows: {
			setFlows(request: { flows: { flows: readonly FlowNode[] }; deploymentType: string }): Promise<unknown>;
			setState(request: { state: "start" | "stop" }): Promise<unknown>;
		};
		readonly nodes: { getNodeList(request: object): Promise<ReadonlyArray<{ id: string; err?: unknown }>> };
	};
}

/**
 * @param moreNodes files of core nodes to load beside those that are always there: `10-function.js`
 * @throws when a node file of the package can't be loaded, so that a test does not wait for it in vain
 */
export async function startNodeRed(moreNodes: readonly string[] = []): Promise<EmbeddedNodeRed> {
	const RED = requireHere(packageName) as NodeRed;
	const userDir = await mkdtemp(join(tmpdir(), "flowbroker-test-"));
	await writeFile(join(userDir, "package.json"), "{}");
	const log: LogEntry[] = [];
	const probes = new Map<string, Msg[]>();
	const statuses = new Map<string, Status>();
	const lookOut = new LookOut();
	const { changed } = lookOut;

	RED.init(await settingsOf(userDir, moreNodes, (entry) => log.push(entry)));
	RED.events.on("node-status", ({ id, status }: { id: string; status?: Status }) => {
		statuses.set(id, status ?? {});
		changed();
	});
	await RED.start();
	RED.nodes.registerType("test/probe", "test-probe", function (this: RedNode, definition: object) {
		RED.nodes.createNode(this, definition);
		this.on("input", (message) => {
			probes.set(this.id, [...(probes.get(this.id) ?? []), message]);
			changed();
		});
	});
	const failed = (await RED.runtime.nodes.getNodeList({})).find(({ err }) => err);
	if (failed) throw new Error(`${failed.id} was not loaded: ${failed.err}`);

	const until = <T>(look: () => T | undefined): Promise<T> => lookOut.until(look);
	const started = async () => {
		const over = new AbortController();
		const { signal } = over;
		try {
			await Promise.race([once(RED.events, "flows:started", { signal }), refused(RED.events, signal)]);
		} finally {
			over.abort();
		}
	};

	return {
		events: RED.events,
		log,
		probes,
		async deploy(flows, deploymentType = "full") {
			const running = started();
			await Promise.all([running, RED.runtime.flows.setFlows({ flows: { flows }, deploymentType })]);
		},
		async stopFlows() {
			await RED.runtime.flows.setState({ state: "stop" });
		},
		async startFlows() {
			await RED.runtime.flows.setState({ state: "start" });
		},
		node: <T>(id: string) => RED.nodes.getNode(id) as T,
		send(id, message) {
			const node = RED.nodes.getNode(id);
			if (!node) throw new Error(`the node ${id} does not run`);
			node.receive(message);
		},
		received: (id, messages) =>
			until(() => {
				const got = probes.get(id) ?? [];
				return got.length >= messages ? got : undefined;
			}),
		status: (id, fits) =>
			until(() => {
				const status = statuses.get(id);
				return status && fits(status) ? status : undefined;
			}),
		clear() {
			log.length = 0;
			probes.clear();
			statuses.clear();
		},
		async stop() {
			await RED.stop();
			await rm(userDir, { recursive: true, force: true });
		},
	};
}

/** Rejects when Node-RED tells why it does not start the flows. */
async function refused(events: EventEmitter, signal: AbortSignal): Promise<never> {
	for await (const [event] of on(events, "runtime-event", { signal })) {
		if (event.id === "runtime-state" && event.payload?.error) throw new Error(event.payload.error);
	}
	throw new Error("unreachable: the events have no end");
}

async function settingsOf(
	userDir: string,
	moreNodes: readonly string[],
	log: (entry: LogEntry) => void,
): Promise<object> {
	const core = join(createRequire(requireHere.resolve(packageName)).resolve("@node-red/nodes/package.json"), "../core");
	const files = (await readdir(core, { recursive: true })).map((path) => basename(path));
	return {
		httpAdminRoot: false,
		httpNodeRoot: false,
		disableEditor: true,
		userDir,
		nodesDir: [root],
		nodesExcludes: files.filter(
			(file) => /^\d\d-.*\.js$/.test(file) && !coreNodes.has(file) && !moreNodes.includes(file),
		),
		credentialSecret: false,
		telemetry: { enabled: false },
		runtimeState: { enabled: true },
		externalModules: { palette: { allowInstall: false }, modules: { allowInstall: false } },
		logging: { test: { level: "info", metrics: false, audit: false, handler: () => log } },
		storageModule: memoryStorage(),
	};
}

/** Node-RED looks for own properties: this can't be a class. */
function memoryStorage(): object {
	let flows: unknown = [];
	let settings: object = {};
	return {
		init: async () => {},
		getFlows: async () => flows,
		saveFlows: async (saved: unknown) => {
			flows = saved;
		},
		getCredentials: async () => ({}),
		saveCredentials: async () => {},
		getSettings: async () => settings,
		saveSettings: async (saved: object) => {
			settings = saved;
		},
		getSessions: async () => ({}),
		saveSessions: async () => {},
		getLibraryEntry: async () => [],
		saveLibraryEntry: async () => {},
	};
}
