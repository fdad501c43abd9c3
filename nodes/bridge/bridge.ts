/** The bridge node: joins a broker in this process to another one. */

import type { Node, NodeAPI, NodeDef } from "node-red";
import { type BridgeState, FlowbrokerError } from "../../broker";
import { FlowLifecycle } from "../broker/flow-lifecycle";
import { type BrokerNode, findBroker } from "../broker-node";
import { prepare } from "../broker-user";
import { nodeTypes } from "../node-types";
import { oneLine } from "../one-line";
import { problemStatus, translator } from "../status";
import type { BridgeWish } from "./bridge-host";
import { BridgeRegistry } from "./bridge-registry";
import { bridgeStatus, bridgeTexts } from "./bridge-status";
import type { BridgeProperties } from "./properties";
import { bridgeOptionsOf } from "./settings";

type Definition = NodeDef & { readonly [property in keyof BridgeProperties]?: unknown };

export = (RED: NodeAPI): void => {
	const bridges = new BridgeRegistry();
	const lifecycle = new FlowLifecycle(RED.events, () => void bridges.settle());
	const text = bridgeTexts(RED);

	function FlowbrokerBridge(this: Node, definition: Definition): void {
		RED.nodes.createNode(this, definition);
		const id = bridgeIdOf(this);
		const host = bridges.claim(id);
		const tell = teller(this);
		host.watch({
			changed: tell,
			failed: (error) => fail(this, error),
		});
		this.on("close", (removed: boolean, done: () => void) => {
			void bridges.release(id, removed || lifecycle.isEnding).then(done);
		});
		prepare(RED, this, () => {
			try {
				const here = findBroker(RED, definition.broker);
				const wish = wishOf(this, definition, id, here);
				const end = here.watch(() => void host.want(here.broker && { ...wish, broker: here.broker }));
				this.on("close", () => end());
			} catch (error) {
				// What was right before must not go on.
				void host.want(undefined);
				throw error;
			}
		});
	}

	/** @throws FlowbrokerError BROKER_MISSING, OPTION_INVALID */
	function wishOf(node: Node, definition: Definition, id: string, here: BrokerNode): Omit<BridgeWish, "broker"> {
		const { remote } = findBroker(RED, definition.remote);
		if (!remote || here.remote) throw wrongBrokers();
		const options = bridgeOptionsOf(definition, id, remote, (variable) => RED.util.getSetting(node, variable));
		return { options, remote };
	}

	/** Shows a state, and tells in the log what is new about it. */
	function teller(node: Node): (state: BridgeState) => void {
		let told: string | undefined;
		return (state) => {
			node.status(bridgeStatus(state, RED));
			const { phase, error, server = "" } = state;
			const news = error?.message ?? (phase === "connected" ? `connected ${server}` : told);
			if (news === told) return;
			told = news;
			if (error && phase === "connected") node.warn(oneLine(error.message));
			else if (error) node.error(oneLine(error.message));
			else node.log(text("log.connected", { server }));
			if (phase === "ended") node.warn(text("log.ended"));
		};
	}

	function fail(node: Node, error: FlowbrokerError): void {
		node.error(error.message);
		node.status(problemStatus(error, translator(RED)));
	}

	RED.nodes.registerType(nodeTypes.bridge, FlowbrokerBridge);
};

/** In a subflow the id is a new one with every deploy; the path to the node stays. */
function bridgeIdOf(node: Node): string {
	const { _alias: alias, _path: path } = node as Node & { readonly _alias?: string; readonly _path?: string };
	return (alias && path) || node.id;
}

function wrongBrokers(): FlowbrokerError {
	const sentence =
		"A bridge needs a broker that runs here, and a connection to another one. Open the bridge and choose one of each kind.";
	return new FlowbrokerError("OPTION_INVALID", sentence);
}
