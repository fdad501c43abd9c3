/** The events node: tells the flow what happens in the broker. */

import { AsyncLocalStorage } from "node:async_hooks";
import type { Node, NodeAPI, NodeDef } from "node-red";
import { findBroker } from "../broker-node";
import { prepare } from "../broker-user";
import { fillIn } from "../environment";
import { EventReporter } from "./event-reporter";
import { type EventsProperties, eventsType } from "./properties";
import { eventSettings } from "./settings";

type Definition = NodeDef & { readonly [property in keyof EventsProperties]?: unknown };

export = (RED: NodeAPI): void => {
	function FlowbrokerEvents(this: Node, definition: Definition): void {
		RED.nodes.createNode(this, definition);
		prepare(RED, this, () => {
			const broker = findBroker(RED, definition.broker);
			// Node.js hands it on to everything that the flow does because of a message, timers included.
			const reaction = new AsyncLocalStorage<true>();
			const reporter = new EventReporter(eventSettings(filledIn(this, definition)), {
				send: (message) => reaction.run(true, () => this.send(message)),
				isReaction: () => reaction.getStore() === true,
			});
			const end = broker.watch(({ status }) => {
				reporter.attach(broker.broker?.events);
				this.status(status);
			});
			this.on("close", () => {
				end();
				reporter.close();
			});
		});
	}

	/** The texts of the settings in which variables may stand. */
	function filledIn(node: Node, definition: Definition): Definition {
		const fill = (value: unknown, property: string) =>
			typeof value === "string" ? fillIn(value, property, (name) => RED.util.getSetting(node, name)) : value;
		return {
			...definition,
			topic: fill(definition.topic, "topic"),
			clientId: fill(definition.clientId, "client id"),
			user: fill(definition.user, "user"),
		};
	}

	RED.nodes.registerType(eventsType, FlowbrokerEvents);
};
