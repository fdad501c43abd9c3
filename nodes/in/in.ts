/** The in node: subscribes and sends what arrives into the flow. */

import type { Node, NodeAPI, NodeDef } from "node-red";
import { toFlowbrokerError } from "../../broker";
import type { FlowBroker } from "../broker-node";
import { type BrokerUser, joinBroker, prepare } from "../broker-user";
import { connectionAction } from "../connection-action";
import { fillIn } from "../environment";
import type { FlowClient } from "../flow-client";
import { nodeTypes } from "../node-types";
import { oneLine } from "../one-line";
import { paceStatus, translator } from "../status";
import { textOf } from "../values";
import { control } from "./control";
import { type InSettings, inSettings } from "./in-settings";
import { type Flow, Intake } from "./intake";
import type { InProperties } from "./properties";
import { subscriptionRequest } from "./subscription-request";
import { Subscriptions } from "./subscriptions";

type Definition = NodeDef & { readonly [property in keyof InProperties]?: unknown };

export = (RED: NodeAPI): void => {
	function FlowbrokerIn(this: Node, definition: Definition): void {
		RED.nodes.createNode(this, definition);
		prepare(RED, this, () => {
			const settings = inSettings(definition);
			let user: BrokerUser | undefined;
			const request = settings.dynamic ? undefined : subscriptionOf(this, definition, settings);
			const intake = new Intake(
				flowOf(this, () => user),
				settings,
			);
			const subscriptions = subscriptionsOf(this, intake, () => user);
			if (request) subscriptions.add(request);
			let client: FlowClient | undefined;
			user = joinBroker(RED, this, definition.broker, (next) => {
				client = next;
				subscriptions.attach(next);
			});
			const { broker } = user;
			this.on("close", () => {
				intake.close();
				broker.loops.clear();
			});
			if (settings.dynamic || settings.pace) {
				takeControl(this, broker, { subscriptions, intake, settings, running: () => client !== undefined });
			}
		});
	}

	function flowOf(node: Node, user: () => BrokerUser | undefined): Flow {
		return {
			id: node.id,
			get loops() {
				return user()?.broker.loops;
			},
			generateId: () => RED.util.generateId(),
			send: (message) => node.send(message),
			error: (problem, message) => node.error(oneLine(problem.message), message),
			pace: ({ waiting, dropped }) => user()?.note(paceStatus(waiting, dropped, translator(RED))),
			stopped: (problem) => user()?.show(problem),
		};
	}

	function subscriptionsOf(node: Node, intake: Intake, user: () => BrokerUser | undefined): Subscriptions {
		/** Another broker refuses again after every reconnect: that is no news. */
		let told = "";
		return new Subscriptions(
			(delivery, request) => intake.take(delivery, request.datatype),
			(problem) => {
				if (problem && problem.message !== told) {
					told = problem.message;
					node.error(oneLine(told));
				}
				user()?.show(problem);
			},
		);
	}

	function subscriptionOf(node: Node, definition: Definition, { datatype }: InSettings) {
		const topic = fillIn(textOf(definition.topic) ?? "", "topic", (name) => RED.util.getSetting(node, name));
		return subscriptionRequest({ ...definition, topic }, { rap: false, datatype });
	}

	RED.nodes.registerType(nodeTypes.in, FlowbrokerIn);
};

/** What messages at the node's input can control. */
interface Controlled {
	readonly subscriptions: Subscriptions;
	readonly intake: Intake;
	readonly settings: InSettings;
	readonly running: () => boolean;
}

function takeControl(node: Node, broker: FlowBroker, controlled: Controlled): void {
	const { subscriptions, intake, settings, running } = controlled;
	node.on("input", (message, send, done) => {
		try {
			if (message.action === "next") {
				intake.next();
				done();
				return;
			}
			const connecting = connectionAction(message, broker, running());
			if (connecting) {
				connecting.then(() => done(), done);
				return;
			}
			const answer = control(message, subscriptions, settings.datatype);
			if (answer) send(answer);
			done();
		} catch (error) {
			done(toFlowbrokerError(error, "ACTION_INVALID", "The action could not be done."));
		}
	});
}
