/** The in node: subscribes and sends what arrives into the flow. */

import type { Node, NodeAPI, NodeDef } from "node-red";
import { type Delivery, type FlowbrokerError, toFlowbrokerError } from "../../broker";
import type { BrokerNode } from "../broker-node";
import { joinBroker, prepare } from "../broker-user";
import { connectionAction } from "../connection-action";
import { fillIn } from "../environment";
import type { FlowClient } from "../flow-client";
import { type Datatype, datatypes, type InProperties, nodeTypes } from "../node-types";
import { textOf, wholeOf } from "../values";
import { control } from "./control";
import { incomingMessage, undecoded } from "./incoming";
import { subscriptionRequest } from "./subscription-request";
import { Subscriptions } from "./subscriptions";

type Definition = NodeDef & { readonly [property in keyof InProperties]?: unknown };

export = (RED: NodeAPI): void => {
	function FlowbrokerIn(this: Node, definition: Definition): void {
		RED.nodes.createNode(this, definition);
		let show: (problem: FlowbrokerError | undefined) => void = () => {};
		/** Another broker refuses again after every reconnect: that is no news. */
		let told = "";
		const subscriptions = new Subscriptions(
			(delivery, request) => receive(this, delivery, request.datatype),
			(problem) => {
				if (problem && problem.message !== told) {
					told = problem.message;
					this.error(told);
				}
				show(problem);
			},
		);
		prepare(RED, this, () => {
			const dynamic = wholeOf(definition.inputs) === 1;
			if (!dynamic) subscriptions.add(subscriptionOf(this, definition));
			let client: FlowClient | undefined;
			const user = joinBroker(RED, this, definition.broker, (next) => {
				client = next;
				subscriptions.attach(next);
			});
			show = user.show;
			if (dynamic) takeControl(this, user.broker, subscriptions, datatypeOf(definition), () => client !== undefined);
		});
	}

	function subscriptionOf(node: Node, definition: Definition) {
		const topic = fillIn(textOf(definition.topic) ?? "", "topic", (name) => RED.util.getSetting(node, name));
		return subscriptionRequest({ ...definition, topic }, { rap: false, datatype: datatypeOf(definition) });
	}

	RED.nodes.registerType(nodeTypes.in, FlowbrokerIn);
};

/** Flows from before the setting existed have none: they got text. */
function datatypeOf({ datatype }: Definition): Datatype {
	return datatype ? (datatypes.find((known) => known === datatype) ?? "auto") : "utf8";
}

function receive(node: Node, delivery: Delivery, datatype: Datatype): void {
	try {
		node.send(incomingMessage(delivery, datatype));
	} catch (error) {
		const problem = toFlowbrokerError(error, "PAYLOAD_INVALID", "The message could not be read.");
		node.error(problem.message, undecoded(delivery));
	}
}

function takeControl(
	node: Node,
	broker: BrokerNode,
	subscriptions: Subscriptions,
	datatype: Datatype,
	running: () => boolean,
): void {
	node.on("input", (message, send, done) => {
		try {
			const connecting = connectionAction(message, broker, running());
			if (connecting) {
				connecting.then(() => done(), done);
				return;
			}
			const answer = control(message, subscriptions, datatype);
			if (answer) send(answer);
			done();
		} catch (error) {
			done(toFlowbrokerError(error, "ACTION_INVALID", "The action could not be done."));
		}
	});
}
