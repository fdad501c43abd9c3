/** The admin node: does what messages ask for with the users, rules, clients and retained messages of a broker. */

import type { Node, NodeAPI, NodeDef } from "node-red";
import { commandName, FlowbrokerError, runCommand, toFlowbrokerError } from "../../broker";
import { type BrokerNode, findBroker } from "../broker-node";
import { prepare } from "../broker-user";
import { type AdminProperties, adminType } from "./properties";
import { takeArguments } from "./request";

type Definition = NodeDef & { readonly [property in keyof AdminProperties]?: unknown };

export = (RED: NodeAPI): void => {
	function FlowbrokerAdmin(this: Node, definition: Definition): void {
		RED.nodes.createNode(this, definition);
		prepare(RED, this, () => {
			const node = findBroker(RED, definition.broker);
			const end = node.watch(({ status }) => this.status(status));
			this.on("close", () => end());
			this.on("input", (message, send, done) => {
				const input = takeArguments(message);
				run(node, message.command || definition.command, input)
					.then((result) => {
						send(Object.assign(message, result));
						done();
					})
					.catch(done);
			});
		});
	}

	/** @returns what goes into the answer */
	async function run(node: BrokerNode, command: unknown, input: unknown) {
		const name = commandName(command);
		try {
			await node.whenReady();
			if (!node.broker) throw new FlowbrokerError("BROKER_STOPPED", "The broker does not run.");
			return { command: name, payload: await runCommand(node.broker, name, input) };
		} catch (error) {
			throw toFlowbrokerError(error, "INTERNAL_FAULT", `The command ${name} failed.`);
		}
	}

	RED.nodes.registerType(adminType, FlowbrokerAdmin);
};
