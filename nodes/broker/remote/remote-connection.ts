/** One connection to a broker that is away now and then: tries again until it is told to end. */

import { type IConnackPacket, type IDisconnectPacket, type IPublishPacket, MqttClient } from "mqtt";
import type { FlowbrokerError } from "../../../broker";
import { pauseAfter } from "./backoff";
import { connectProblem, refusal, silentEnd } from "./connect-problem";
import { mqttOptions } from "./mqtt-options";
import { openStream } from "./open-stream";
import type { RemoteOptions, Server } from "./remote-options";
import { oldServer } from "./server-limits";
import type { Session } from "./session";
import { TopicAliases } from "./topic-aliases";

export interface ConnectionEvents {
	/** Messages that the broker has not acknowledged before are through. */
	connected(session: Session, server: Server): void;
	/** After `connected`. */
	disconnected(): void;
	/** An attempt failed, or the connection was lost; the next attempt follows. */
	failed(problem: FlowbrokerError): void;
	message(topic: string, payload: Buffer, packet: IPublishPacket): void;
}

/** Milliseconds in which a broker has to take leave before the connection is cut. */
const LEAVE = 2_000;

export class RemoteConnection {
	readonly #options: RemoteOptions;
	readonly #events: ConnectionEvents;
	readonly #client: MqttClient;
	readonly #aliases = new TopicAliases();
	#server: Server;
	/** Attempts that failed since the last connection that lasted. */
	#failures = 0;
	/** Where the next attempt goes: place in the list of servers. */
	#next = 0;
	#connectedAt: number | undefined;
	#problem: FlowbrokerError | undefined;
	#timer: NodeJS.Timeout | undefined;
	#ended = false;

	/** Begins to connect. */
	constructor(options: RemoteOptions, clientId: string, events: ConnectionEvents) {
		this.#options = options;
		this.#events = events;
		this.#server = options.servers[0] as Server;
		this.#client = new MqttClient(() => this.#open(), mqttOptions(options, clientId));
		this.#client.setMaxListeners(0);
		this.#client.on("connect", (connack) => this.#connected(connack));
		this.#client.on("close", () => this.#closed());
		this.#client.on("error", (error) => this.#note(error));
		this.#client.on("disconnect", (packet) => this.#dismissed(packet));
		this.#client.on("packetreceive", (packet) => this.#aliases.resolve(packet));
		this.#client.on("message", (topic, payload, packet) => events.message(topic, payload, packet));
	}

	/** Resolves when the broker was told, or had time enough to listen. Messages without acknowledgement are given up. */
	async end(): Promise<void> {
		this.#ended = true;
		clearTimeout(this.#timer);
		const client = this.#client;
		await new Promise<void>((resolve) => {
			// MQTT.js waits for acknowledgements, however long they take.
			const cut = setTimeout(() => {
				client.stream.destroy();
				resolve();
			}, LEAVE);
			const over = () => {
				clearTimeout(cut);
				resolve();
			};
			// It does not notice that the broker has gone at the same time, or before.
			client.once("close", over);
			const { destroyed } = client.stream;
			client.end(!client.connected, over);
			if (destroyed) over();
		});
	}

	#open() {
		this.#server = this.#options.servers[this.#next] as Server;
		this.#next = (this.#next + 1) % this.#options.servers.length;
		this.#problem = undefined;
		const stream = openStream(this.#server, this.#options);
		// MQTT.js keeps some of them to itself.
		stream.on("error", (error) => this.#note(error));
		return stream;
	}

	#connected({ properties = {}, sessionPresent }: IConnackPacket): void {
		if (this.#ended) return;
		const { protocolVersion, clean } = this.#options;
		this.#connectedAt = performance.now();
		// The first server is the preferred one: a lost connection begins with it.
		this.#next = 0;
		this.#events.connected(
			{
				mqtt: this.#client,
				protocolVersion,
				resumed: sessionPresent,
				lasting: !clean,
				identifiers: protocolVersion === 5 && properties.subscriptionIdentifiersAvailable !== false,
				limits: protocolVersion === 5 ? properties : oldServer,
			},
			this.#server,
		);
	}

	/** The broker takes its leave (MQTT 5). */
	#dismissed({ reasonCode = 0, properties }: IDisconnectPacket): void {
		if (reasonCode >= 128) this.#problem = refusal(reasonCode, properties?.reasonString, this.#server, this.#options);
	}

	/** The first thing that went wrong is the reason. */
	#note(error: Error): void {
		this.#problem ??= connectProblem(error, this.#server, this.#options);
	}

	#closed(): void {
		this.#aliases.clear();
		const connectedAt = this.#connectedAt;
		this.#connectedAt = undefined;
		if (connectedAt !== undefined) this.#events.disconnected();
		if (this.#ended) return;
		const { pause, servers } = this.#options;
		// One that is thrown out again and again, by another client with its id for example, must not hurry.
		const lasted = connectedAt !== undefined && performance.now() - connectedAt >= pause.maximum;
		this.#failures = lasted ? 1 : this.#failures + 1;
		const wait = pauseAfter(this.#failures, servers.length, pause, Math.random());
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#client.connect(), wait);
		this.#events.failed(this.#problem ?? silentEnd(connectedAt !== undefined, this.#server));
	}
}
