/** The config node of a broker that runs inside Node-RED. */

import { join } from "node:path";
import type { NodeAPI, NodeDef } from "node-red";
import { type BrokerOptions, createBroker, FlowbrokerError, toFlowbrokerError } from "../../broker";
import type { BrokerNode } from "../broker-node";
import { type BrokerProperties, nodeTypes } from "../node-types";
import { statusOf, translator } from "../status";
import type { BrokerHost, HostReport } from "./broker-host";
import { brokerOptionsOf, type Surroundings } from "./broker-options";
import { BrokerRegistry } from "./broker-registry";
import { FlowLifecycle } from "./flow-lifecycle";

type Definition = NodeDef & { readonly [property in keyof BrokerProperties]: unknown };

export = (RED: NodeAPI): void => {
	const brokers = new BrokerRegistry(createBroker);
	const lifecycle = new FlowLifecycle(RED.events, () => void brokers.settle());
	const translate = translator(RED);

	function FlowbrokerBroker(this: BrokerNode, definition: Definition): void {
		RED.nodes.createNode(this, definition);
		const id = brokerIdOf(this);
		const host = brokers.claim(id, settingsOf(definition, surroundingsOf(this, id)));
		const endReports = host.watch({ changed: () => {}, report: (report) => log(this, report) });
		offer(this, host);
		this.on("close", (removed: boolean, done: () => void) => {
			void brokers.release(id, removed || lifecycle.isEnding).then(() => {
				endReports();
				done();
			});
		});
	}

	function offer(node: BrokerNode, host: BrokerHost): void {
		Object.defineProperties(node, {
			broker: { get: () => host.broker },
			started: { get: () => host.started },
		});
		node.watch = (watcher) => {
			const changed = () => watcher({ status: statusOf(host.state, translate), client: host.client });
			changed();
			return host.watch({ changed });
		};
		node.whenReady = async () => {
			await host.started;
			if (host.client) return host.client;
			throw new FlowbrokerError("BROKER_STOPPED", "The broker does not run.");
		};
	}

	function surroundingsOf(node: BrokerNode, id: string): Surroundings {
		const { userDir } = RED.settings;
		return {
			lookup: (variable) => RED.util.getSetting(node, variable),
			folder: userDir ? join(userDir, "flowbroker", id.replace(/[^\w-]/g, "-")) : undefined,
		};
	}

	function log(node: BrokerNode, report: HostReport): void {
		if ("error" in report) {
			node.error(report.error.message);
		} else if ("problem" in report) {
			const { severity, error } = report.problem;
			if (severity === "error") node.error(error.message);
			else node.warn(error.message);
		} else if ("denied" in report) {
			const { clientId, user, address, action, topic, reason, count } = report.denied;
			const shown = { client: clientId, user: user ?? "-", address, action, topic, reason, count: String(count) };
			node.warn(translate("log.denied", shown));
		} else {
			const { host, port } = report.listening;
			node.log(translate("log.listening", { host, port: String(port) }));
		}
	}

	RED.nodes.registerType(nodeTypes.broker, FlowbrokerBroker);
};

/** In a subflow the id is a new one with every deploy; the path to the node stays. */
function brokerIdOf(node: BrokerNode): string {
	const { _alias: alias, _path: path } = node as BrokerNode & { readonly _path?: string };
	return (alias && path) || node.id;
}

function settingsOf(definition: Definition, surroundings: Surroundings): BrokerOptions | FlowbrokerError {
	try {
		return brokerOptionsOf(definition, surroundings);
	} catch (error) {
		return toFlowbrokerError(error, "OPTION_INVALID", "The settings of the broker can't be read.");
	}
}
