/** The Home Assistant entity: announces itself, shows the flow's messages as its state, and hands on commands. */

import type { Node, NodeAPI, NodeDef } from "node-red";
import { FlowLifecycle } from "../broker/flow-lifecycle";
import { joinBroker, prepare } from "../broker-user";
import { fillIn } from "../environment";
import type { FlowClient } from "../flow-client";
import type { AnnouncedDevice } from "./announced-device";
import { AnnouncedDevices } from "./announced-devices";
import { Entity } from "./entity";
import { entitySettings } from "./entity-settings";
import { type HaEntityProperties, haEntityType } from "./properties";

type Definition = NodeDef & { readonly [property in keyof HaEntityProperties]?: unknown };

/** Milliseconds that a node may take to say goodbye. */
const GOODBYE = 1_000;

export = (RED: NodeAPI): void => {
	const devices = new AnnouncedDevices();
	const lifecycle = new FlowLifecycle(RED.events, () => {});

	function FlowbrokerHaEntity(this: Node, definition: Definition): void {
		RED.nodes.createNode(this, definition);
		prepare(RED, this, () => {
			const settings = entitySettings(filledIn(this, definition));
			const entity = new Entity(settings, (command) => this.send(command));
			let device: AnnouncedDevice | undefined;
			let client: FlowClient | undefined;
			let closing = false;
			// Before the node leaves its broker: the device still has to say goodbye there.
			this.on("close", () => {
				closing = true;
			});
			const { broker } = joinBroker(RED, this, definition.broker, (next) => {
				client = next;
				entity.attach(next);
				if (!closing) device?.attach(next, broker.presence);
			});
			device = devices.join(this.id, broker.id, settings, (error) => this.error(error.message));
			device.attach(client, broker.presence);
			this.on("input", (message, _send, done) => entity.show(message, done));
			this.on("close", (removed: boolean, done: () => void) => {
				const goodbye = lifecycle.isEnding ? device?.pause() : removed ? devices.remove(this.id) : undefined;
				void within(GOODBYE, goodbye).then(done);
			});
		});
	}

	/** The settings, with variables filled in. */
	function filledIn(node: Node, definition: Definition): Definition {
		const lookup = (name: string) => RED.util.getSetting(node, name);
		const filled = Object.entries(definition).map(([property, value]) => {
			return [property, typeof value === "string" ? fillIn(value, `field "${property}"`, lookup) : value];
		});
		return Object.fromEntries(filled) as Definition;
	}

	RED.nodes.registerType(haEntityType, FlowbrokerHaEntity);
};

/** Resolves when the work is done, or when it has taken too long. */
async function within(milliseconds: number, work: Promise<void> | undefined): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<void>((resolve) => {
		timer = setTimeout(resolve, milliseconds);
	});
	await Promise.race([work, late]);
	clearTimeout(timer);
}
