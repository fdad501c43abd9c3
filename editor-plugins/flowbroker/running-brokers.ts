/** Finds the brokers that run in this Node-RED. */

import type { NodeAPI, NodeDef } from "node-red";
import type { HostedBroker } from "../../broker";
import type { AdminBroker } from "../../broker/http";

const TYPE = "flowbroker-broker";

/** The broker nodes that are enabled. Those inside a subflow are not among them: Node-RED does not tell their ids. */
export function runningBrokers({ nodes }: Pick<NodeAPI, "nodes">): readonly AdminBroker[] {
	const found: AdminBroker[] = [];
	nodes.eachNode((definition) => {
		// A connection to another broker is no broker of this Node-RED.
		if (definition.type !== TYPE || (definition as { kind?: unknown }).kind === "remote") return;
		const node: unknown = nodes.getNode(definition.id);
		if (isHostedBroker(node)) found.push({ id: definition.id, name: nameOf(definition), broker: node.broker });
	});
	return found;
}

function isHostedBroker(node: unknown): node is HostedBroker {
	return typeof node === "object" && node !== null && "broker" in node && "started" in node;
}

/** As the editor labels it. */
function nameOf({ name, host, port }: NodeDef & { readonly host?: unknown; readonly port?: unknown }): string {
	return name || `broker ${host || "127.0.0.1"}:${port === "" ? 1883 : port}`;
}
