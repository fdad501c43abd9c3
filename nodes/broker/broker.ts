/** The config node: a broker that runs inside Node-RED, or a connection to another one. */

import { join } from "node:path";
import type { Node, NodeAPI, NodeDef } from "node-red";
import {
	type AnswerConnectionTest,
	CONNECTION_TEST_EVENT,
	type ConnectionTestRequest,
	createBroker,
	FlowbrokerError,
	toFlowbrokerError,
} from "../../broker";
import type { BrokerNode, ConnectionControl, Presence } from "../broker-node";
import { LoopGuard } from "../loop-guard";
import { nodeTypes } from "../node-types";
import { oneLine } from "../one-line";
import { statusOf, translator } from "../status";
import type { BrokerHost } from "./broker-host";
import { BrokerRegistry } from "./broker-registry";
import { brokerSettingsOf, type Surroundings } from "./broker-settings";
import { connectRequestOf } from "./connect-message";
import { testConnection } from "./connection-test";
import { EmbeddedService } from "./embedded-service";
import { FlowLifecycle } from "./flow-lifecycle";
import { presenceOf } from "./presence";
import type { BrokerProperties } from "./properties";
import { remoteOptionsOf } from "./remote-settings";
import type { BrokerService, BrokerSettings, HostReport, ServiceWatcher } from "./service";
import { tlsSettingsOf } from "./tls-settings";
import { WebPath, type WebServer } from "./web-path";

/** For another broker. */
interface Credentials {
	readonly user: string;
	readonly password: string;
}
type OwnNode = BrokerNode & Node<Credentials>;
type Definition = NodeDef & { readonly [property in keyof BrokerProperties]: unknown };

export = (RED: NodeAPI): void => {
	const brokers = new BrokerRegistry((settings, watcher) => createService(settings, watcher, webServer()));
	const lifecycle = new FlowLifecycle(RED.events, () => void brokers.settle());
	const translate = translator(RED);
	// One for all brokers: a message may leave by one and come back by another.
	const loops = new LoopGuard();
	// Node-RED may load the nodes a second time in one process.
	RED.events.removeAllListeners(CONNECTION_TEST_EVENT);
	RED.events.on(CONNECTION_TEST_EVENT, (request: ConnectionTestRequest, answer: AnswerConnectionTest) => {
		answer(testConnection(RED, request));
	});

	function FlowbrokerBroker(this: OwnNode, definition: Definition): void {
		RED.nodes.createNode(this, definition);
		const id = brokerIdOf(this);
		const surroundings = surroundingsOf(this, id);
		const settings = settingsOf(definition, surroundings);
		const host = brokers.claim(id, settings);
		const endReports = host.watch({ changed: () => {}, report: (report) => log(this, report) });
		const remote = "kind" in settings && settings.kind === "remote" ? settings.options : undefined;
		Object.defineProperty(this, "remote", { value: remote });
		offer(this, host, presenceOf(settings), (connection) => controlOf(connection, definition, surroundings));
		this.on("close", (removed: boolean, done: () => void) => {
			void brokers.release(id, removed || lifecycle.isEnding).then(() => {
				endReports();
				done();
			});
		});
	}

	/** Node-RED's own HTTP server; headless there is none. */
	function webServer(): WebServer | undefined {
		const { httpNodeRoot } = RED.settings as { httpNodeRoot?: string | false };
		if (!RED.server || typeof httpNodeRoot !== "string") return undefined;
		return { server: RED.server, root: httpNodeRoot.replace(/\/+$/, "") };
	}

	function offer(
		node: BrokerNode,
		host: BrokerHost,
		presence: Presence | undefined,
		control: (connection: NonNullable<BrokerService["connection"]>) => ConnectionControl,
	): void {
		Object.defineProperties(node, {
			broker: { get: () => host.broker },
			started: { get: () => host.started },
			loops: { value: loops },
			connection: { get: () => host.connection && control(host.connection) },
			presence: { value: presence },
		});
		node.watch = (watcher) => {
			const changed = () => watcher({ status: statusOf(host.state, translate), client: host.client });
			changed();
			const endWatch = host.watch({ changed });
			const endUse = host.use();
			return () => {
				endWatch();
				endUse();
			};
		};
		node.whenReady = async () => {
			await host.started;
			if (host.client) return host.client;
			throw new FlowbrokerError("BROKER_STOPPED", "The broker does not run.");
		};
	}

	function surroundingsOf(node: OwnNode, id: string): Surroundings {
		const { userDir } = RED.settings;
		return {
			lookup: (variable) => RED.util.getSetting(node, variable),
			folder: userDir ? join(userDir, "flowbroker", id.replace(/[^\w-]/g, "-")) : undefined,
			written: (name) => writtenOf(RED, node)[name],
			login: { ...node.credentials },
			tlsOf: (tls) => tlsSettingsOf(RED.nodes.getNode(tls)),
		};
	}

	function log(node: BrokerNode, report: HostReport): void {
		if ("error" in report) {
			node.error(oneLine(report.error.message));
		} else if ("warning" in report) {
			node.warn(oneLine(translate(`log.${report.warning}`, report.values)));
		} else if ("problem" in report) {
			const { severity, error } = report.problem;
			if (severity === "error") node.error(oneLine(error.message));
			else node.warn(oneLine(error.message));
		} else if ("denied" in report) {
			const { clientId, user, address, action, topic, reason, count } = report.denied;
			const shown = { client: clientId, user: user ?? "-", address, action, topic, reason, count: String(count) };
			node.warn(oneLine(translate("log.denied", shown)));
		} else if ("connected" in report) {
			node.log(translate("log.connected", { server: report.connected }));
		} else {
			const { host, port } = report.listening;
			node.log(translate("log.listening", { host, port: String(port) }));
		}
	}

	RED.nodes.registerType<OwnNode, Definition, object, Credentials>(nodeTypes.broker, FlowbrokerBroker, {
		credentials: { user: { type: "text" }, password: { type: "password" } },
	});
};

function createService(settings: BrokerSettings, watcher: ServiceWatcher, web: WebServer | undefined): BrokerService {
	if (settings.kind === "embedded") {
		const broker = createBroker(settings.options);
		const { webPath } = settings;
		return new EmbeddedService(broker, watcher, webPath === undefined ? undefined : new WebPath(broker, webPath, web));
	}
	// Only here: most flows need no MQTT.js, and it takes memory.
	const { RemoteService } = require("./remote/remote-service") as typeof import("./remote/remote-service");
	return new RemoteService(settings.options, watcher);
}

/** The node as the flow file has it. */
function writtenOf({ nodes }: NodeAPI, node: BrokerNode): Readonly<Record<string, unknown>> {
	const { _alias: alias } = node as BrokerNode & { readonly _alias?: string };
	let written: unknown;
	nodes.eachNode((definition) => {
		if (definition.id === (alias ?? node.id)) written = definition;
	});
	return (written ?? {}) as Readonly<Record<string, unknown>>;
}

/** In a subflow the id is a new one with every deploy; the path to the node stays. */
function brokerIdOf(node: BrokerNode): string {
	const { _alias: alias, _path: path } = node as BrokerNode & { readonly _path?: string };
	return (alias && path) || node.id;
}

function settingsOf(definition: Definition, surroundings: Surroundings): BrokerSettings | FlowbrokerError {
	try {
		return brokerSettingsOf(definition, surroundings);
	} catch (error) {
		return toFlowbrokerError(error, "OPTION_INVALID", "The settings of the broker can't be read.");
	}
}

function controlOf(
	connection: NonNullable<BrokerService["connection"]>,
	definition: Definition,
	surroundings: Surroundings,
): ConnectionControl {
	return {
		async connect(raw) {
			const request = connectRequestOf(raw);
			if (!request) return connection.connect(undefined, false);
			const login = { ...surroundings.login, ...request.login };
			const options = remoteOptionsOf({ ...definition, ...request.properties }, { ...surroundings, login });
			return connection.connect(options, request.force);
		},
		disconnect: () => connection.disconnect(),
	};
}
