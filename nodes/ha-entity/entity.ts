/** One entity at work: publishes its state, and hands on what Home Assistant asks of it. */

import type { NodeMessage } from "node-red";
import { type Delivery, FlowbrokerError, type Message, toFlowbrokerError } from "../../broker";
import type { FlowClient, FlowSubscription } from "../flow-client";
import { components, type State } from "./components";
import type { EntitySettings } from "./entity-settings";
import { type EntityTopics, entityTopics } from "./topics";

export class Entity {
	readonly #settings: EntitySettings;
	readonly #topics: EntityTopics;
	readonly #command: (message: NodeMessage) => void;
	#client: FlowClient | undefined;
	#subscription: FlowSubscription | undefined;
	#state: State | undefined;

	/** @param command called with the message for the flow when Home Assistant asks for something */
	constructor(settings: EntitySettings, command: (message: NodeMessage) => void) {
		this.#settings = settings;
		this.#topics = entityTopics(settings);
		this.#command = command;
	}

	/** @param client `undefined` while there is no broker */
	attach(client: FlowClient | undefined): void {
		this.#subscription?.close();
		this.#subscription = undefined;
		this.#client = client;
		if (!client || !components[this.#settings.component].command) return;
		const { set } = this.#topics;
		this.#subscription = client.subscribe([set, `${set}/+`], { qos: 1 }, (delivery) => this.#obey(delivery));
	}

	close(): void {
		this.#subscription?.close();
		this.#subscription = undefined;
	}

	/** Publishes what the flow says as the state of the entity; a device trigger is triggered. */
	show(message: NodeMessage, done: (error?: Error) => void): void {
		try {
			const outgoing = [...this.#stateOf(message), ...this.#attributesOf(message)];
			if (!this.#client) throw new FlowbrokerError("BROKER_STOPPED", "The broker does not run.");
			for (const [index, one] of outgoing.entries()) {
				this.#client.publish(one, index === outgoing.length - 1 ? done : undefined);
			}
			if (outgoing.length === 0) done();
		} catch (error) {
			done(toFlowbrokerError(error, "PAYLOAD_INVALID", "The entity can't show the message."));
		}
	}

	#stateOf(message: NodeMessage): Message[] {
		if (!Object.hasOwn(message, "payload")) return [];
		const { component, trigger } = this.#settings;
		if (component === "device_automation") {
			return [{ topic: this.#topics.trigger, payload: Buffer.from(trigger.type), qos: 1, retain: false }];
		}
		const { state } = components[component];
		if (!state) return [];
		this.#state = state(message.payload, this.#state);
		return [retained(this.#topics.state, this.#state)];
	}

	#attributesOf({ attributes }: NodeMessage & { attributes?: unknown }): Message[] {
		return typeof attributes === "object" && attributes !== null ? [retained(this.#topics.attributes, attributes)] : [];
	}

	#obey({ topic, payload: bytes, retain }: Delivery): void {
		// A command that somebody retained is an old one.
		if (retain) return;
		const part = topic.slice(this.#topics.set.length + 1);
		const payload = this.#read(bytes.toString(), part);
		if (payload === undefined) return;
		const { component, device, objectId, echo } = this.#settings;
		this.#command({ topic: `${device.id}/${objectId}`, payload, command: part === "" ? "state" : part } as NodeMessage);
		if (echo && component !== "button") this.#echo(payload);
	}

	#read(text: string, part: string): unknown {
		try {
			return components[this.#settings.component].command?.(text, part);
		} catch {
			// Not what Home Assistant sends: a light's command is JSON.
			return undefined;
		}
	}

	#echo(payload: unknown): void {
		const covered: Readonly<Record<string, string>> = { OPEN: "open", CLOSE: "closed", STOP: "stopped" };
		const { component } = this.#settings;
		const position = (payload as { position?: unknown }).position;
		const said = component === "cover" ? (position ?? covered[String(payload)]) : payload;
		this.show({ payload: said } as NodeMessage, () => {});
	}
}

function retained(topic: string, value: unknown): Message {
	const text = typeof value === "object" ? JSON.stringify(value) : String(value);
	return { topic, payload: Buffer.from(text), qos: 1, retain: true };
}
