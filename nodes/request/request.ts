/** The request node: publishes a message and sends the answer into the flow. */

import type { Node, NodeAPI, NodeDef, NodeMessage } from "node-red";
import { type FlowbrokerError, type Message, toFlowbrokerError } from "../../broker";
import { joinBroker, prepare } from "../broker-user";
import { connectionAction, unknownAction } from "../connection-action";
import { fillIn } from "../environment";
import type { FlowClient } from "../flow-client";
import { nodeTypes } from "../node-types";
import { outgoingMessage } from "../out/outgoing";
import { textOf } from "../values";
import { answerMessage } from "./answer-message";
import { answerPlan } from "./answer-plan";
import type { RequestProperties } from "./properties";
import { type RequestSettings, requestSettings, timeoutOf } from "./request-settings";
import { Requester } from "./requester";

type Definition = NodeDef & { readonly [property in keyof RequestProperties]?: unknown };

export = (RED: NodeAPI): void => {
	function FlowbrokerRequest(this: Node, definition: Definition): void {
		RED.nodes.createNode(this, definition);
		prepare(RED, this, () => {
			const settings = requestSettings(filledIn(this, definition));
			const requester = new Requester(settings.limit);
			let running = false;
			const { broker } = joinBroker(RED, this, definition.broker, (client) => {
				running = client !== undefined;
				requester.attach(client);
			});
			this.on("close", () => requester.close());
			this.on("input", (message, send, done) => {
				const work = message.action
					? act(message, broker, running)
					: broker.whenReady().then(async (client) => {
							const asked = (outgoing: Message) => broker.loops.leaves(message._msgid, outgoing);
							if (await ask(requester, settings, client, message, asked)) send(message);
						});
				work.then(
					() => done(),
					(error: unknown) => {
						const problem = toFlowbrokerError(error, "PAYLOAD_INVALID", "The request could not be sent.");
						if (settings.secondOutput) send([null, unanswered(message, problem)]);
						done(problem);
					},
				);
			});
		});
	}

	/** The texts of the settings, with variables filled in. */
	function filledIn(node: Node, definition: Definition): Definition {
		const lookup = (name: string) => RED.util.getSetting(node, name);
		const names = ["topic", "respTopic", "idProperty", "timeout", "limit", "qos"] as const;
		const filled = names.map((name) => {
			const value = definition[name];
			return [name, typeof value === "string" ? fillIn(value, `field "${name}"`, lookup) : value];
		});
		return { ...definition, ...Object.fromEntries(filled) };
	}

	RED.nodes.registerType(nodeTypes.request, FlowbrokerRequest);
};

async function act(message: NodeMessage, ...rest: [Parameters<typeof connectionAction>[1], boolean]): Promise<void> {
	const connecting = connectionAction(message, ...rest);
	if (!connecting) throw unknownAction(message, []);
	await connecting;
}

/** @returns true when the message now holds the answer; false when it has no payload, and there is nothing to ask */
async function ask(
	requester: Requester,
	settings: RequestSettings,
	client: FlowClient,
	message: NodeMessage,
	asked: (outgoing: Message) => void,
): Promise<boolean> {
	const outgoing = outgoingMessage(settings.out, { ...message, responseTopic: undefined, correlationData: undefined });
	if (!outgoing) return false;
	const { answers } = settings;
	const kind = answers === "auto" ? (client.withoutProperties ? "topic" : "properties") : answers;
	const fromMessage = kind === "payload" || kind === "order" ? textOf(message.responseTopic) : undefined;
	const plan = answerPlan(kind, settings.answerTopic ?? fromMessage, requester.ownTopic, settings.idProperty);
	const timeout = timeoutOf(message.requestTimeout, settings.timeout);
	// Nobody shall do what was asked for when nobody waits for it any more.
	const properties = { messageExpiryInterval: Math.ceil(timeout / 1000), ...outgoing.properties };
	asked(outgoing);
	const answer = await requester.ask({ message: { ...outgoing, properties }, plan, timeout });
	answerMessage(message, outgoing.topic, answer, settings.datatype);
	return true;
}

/** What leaves by the second output. */
function unanswered(message: NodeMessage, { code, message: sentence }: FlowbrokerError): NodeMessage {
	return { ...message, error: { code, message: sentence } };
}
