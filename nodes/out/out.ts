/** The out node: publishes the messages of the flow. */

import type { Node, NodeAPI, NodeDef } from "node-red";
import { toFlowbrokerError } from "../../broker";
import { joinBroker, prepare } from "../broker-user";
import { connectionAction, unknownAction } from "../connection-action";
import { fillIn } from "../environment";
import type { FlowClient, PublishDone } from "../flow-client";
import { nodeTypes } from "../node-types";
import { outgoingMessage, outSettings } from "./outgoing";
import type { OutProperties } from "./properties";
import { publishSettings } from "./publish-settings";
import { queuedMessage, resultMessage } from "./result";

type Definition = NodeDef & { readonly [property in keyof OutProperties]?: unknown };

export = (RED: NodeAPI): void => {
	function FlowbrokerOut(this: Node, definition: Definition): void {
		RED.nodes.createNode(this, definition);
		prepare(RED, this, () => {
			const settings = outSettings(filledIn(this, definition));
			const { queue, tellsResult } = publishSettings(definition);
			let client: FlowClient | undefined;
			const { broker } = joinBroker(RED, this, definition.broker, (next) => {
				client = next;
			});
			this.on("input", (message, send, done) => {
				try {
					if (message.action) {
						const connecting = connectionAction(message, broker, client !== undefined);
						if (!connecting) throw unknownAction(message, []);
						connecting.then(() => done(), done);
						return;
					}
					const outgoing = outgoingMessage(settings, message);
					if (!outgoing) return done();
					broker.loops.leaves(message._msgid, outgoing);
					const settled: PublishDone = (error, result) => {
						if (tellsResult) send(resultMessage(message, outgoing, error, result));
						done(error);
					};
					const options = {
						...(queue && { queue }),
						...(tellsResult && { queued: () => send(queuedMessage(message)) }),
					};
					if (client) return client.publish(outgoing, settled, options);
					broker.whenReady().then((ready) => ready.publish(outgoing, settled, options), settled);
				} catch (error) {
					done(toFlowbrokerError(error, "PAYLOAD_INVALID", "The message could not be published."));
				}
			});
		});
	}

	/** The texts of the settings in which variables may stand. */
	function filledIn(node: Node, definition: Definition): Definition {
		const lookup = (name: string) => RED.util.getSetting(node, name);
		const fill = (value: unknown, property: string) =>
			typeof value === "string" ? fillIn(value, property, lookup) : value;
		return {
			...definition,
			topic: fill(definition.topic, "topic"),
			respTopic: fill(definition.respTopic, "response topic"),
		};
	}

	RED.nodes.registerType(nodeTypes.out, FlowbrokerOut);
};
