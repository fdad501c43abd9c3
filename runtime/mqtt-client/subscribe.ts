/** The work of `flowbroker sub`. */

import type { IPublishPacket, MqttClient } from "mqtt";
import { isTopicFilter, matchesTopic, type QoS } from "../../broker";
import type { ClientArguments } from "./arguments";
import { ClientError, usageError } from "./client-error";
import { openConnection } from "./connection";
import { messageFormat } from "./message-format";
import { type ConnectionSettings, connectionSettings, qosOf, wholeOption } from "./settings";
import { now } from "./time-format";

/** Mosquitto's exit code of -W. */
const timeoutExit = 27;

/** Shows messages until it is time to end. @returns the exit code. @throws ClientError */
export async function subscribe(args: ClientArguments): Promise<number> {
	const settings = connectionSettings(args, process.env);
	const topics = [...(args.lists.get("topic") ?? []), ...(settings.urlTopic === undefined ? [] : [settings.urlTopic])];
	const unsubscribed = args.lists.get("unsubscribe") ?? [];
	if (topics.length === 0 && unsubscribed.length === 0)
		throw usageError("sub", "You must specify a topic to subscribe to.");
	const wrong = [...topics, ...unsubscribed].find((topic) => !isTopicFilter(topic));
	if (wrong !== undefined) {
		throw usageError("sub", `Invalid subscription topic '${wrong}', are all '+' and '#' wildcards correct?`);
	}
	return new Subscriber(args, topics, unsubscribed).run(settings);
}

/** How it ended. */
interface Ending {
	readonly exit: number;
	/** For the error output. */
	readonly says?: string;
}

class Subscriber {
	readonly #args: ClientArguments;
	readonly #topics: readonly string[];
	readonly #unsubscribed: readonly string[];
	readonly #format: ReturnType<typeof messageFormat>;
	readonly #qos: QoS;
	readonly #countdown: number | undefined;
	readonly #timeout: number | undefined;
	#shown = 0;
	#end: (ending: Ending) => void = () => {};
	#ended = false;

	constructor(args: ClientArguments, topics: readonly string[], unsubscribed: readonly string[]) {
		this.#args = args;
		this.#topics = topics;
		this.#unsubscribed = unsubscribed;
		const otherwise = args.switches.has("verbose") ? "%t %p" : "%p";
		this.#format = messageFormat(args.values.get("format") ?? otherwise, { pretty: args.switches.has("pretty") });
		this.#qos = qosOf(args, "qos");
		this.#countdown = wholeOption(args, "count", 1, 2 ** 31 - 1, (text) => `Invalid message count "${text}".`);
		this.#timeout = wholeOption(args, "timeout", 1, 2 ** 31 - 1, (text) => `Invalid timeout "${text}".`);
	}

	async run(settings: ConnectionSettings): Promise<number> {
		const ending = new Promise<Ending>((resolve) => {
			this.#end = (how) => {
				this.#ended = true;
				resolve(how);
			};
		});
		const timer = this.#startTimer();
		const stop = () => this.#end({ exit: 0 });
		process.once("SIGINT", stop);
		process.once("SIGTERM", stop);
		const client = await openConnection(settings, this.#args.properties, {
			debug: this.#args.switches.has("debug") ? (line) => process.stdout.write(`${line}\n`) : undefined,
			connected: (connected) => this.#subscribe(connected),
			failed: ({ message, exit }) => this.#end({ exit, says: message }),
		});
		client.on("message", (_topic, _payload, packet) => this.#receive(client, packet));
		const { exit, says } = await ending;
		clearTimeout(timer);
		if (says !== undefined) this.#complain(says);
		await (client.connected
			? client.endAsync(false, { properties: this.#args.properties.of("disconnect") ?? {} })
			: client.endAsync(true));
		return exit;
	}

	/** It counts from the start, whether the broker answers or not. */
	#startTimer(): NodeJS.Timeout | undefined {
		if (this.#timeout === undefined) return undefined;
		return setTimeout(() => this.#end({ exit: timeoutExit, says: "Timed out" }), this.#timeout * 1_000);
	}

	#subscribe(client: MqttClient): void {
		const { switches, properties } = this.#args;
		const options = {
			qos: this.#qos,
			rap: switches.has("retainAsPublished"),
			rh: switches.has("noRetained") ? 2 : 0,
			properties: properties.of("subscribe") ?? {},
		};
		if (this.#topics.length > 0) {
			client.subscribe([...this.#topics], options, (error, granted) => this.#subscribed(error, granted ?? []));
		}
		if (this.#unsubscribed.length > 0) {
			client.unsubscribe([...this.#unsubscribed], { properties: properties.of("unsubscribe") ?? {} });
		}
	}

	#subscribed(error: Error | null, granted: readonly { readonly qos: number }[]): void {
		const isDenied = error !== null || granted.every(({ qos }) => qos >= 128);
		if (this.#ended) return;
		if (isDenied) this.#end({ exit: 0, says: "All subscription requests were denied." });
		else if (this.#args.switches.has("exitAfterSubscribe")) this.#end({ exit: 0 });
	}

	#receive(client: MqttClient, packet: IPublishPacket): void {
		if (this.#ended) return;
		const { switches, lists } = this.#args;
		if (switches.has("retainedOnly") && !packet.retain) {
			this.#end({ exit: 0 });
			return;
		}
		if (switches.has("noRetained") && packet.retain) return;
		if (lists.get("filterOut")?.some((filter) => matchesTopic(filter, packet.topic))) return;
		if (switches.has("removeRetained") && packet.retain) client.publish(packet.topic, "", { qos: 1, retain: true });
		this.#show(packet);
		if (++this.#shown === this.#countdown) this.#end({ exit: 0 });
	}

	#show(packet: IPublishPacket): void {
		const lineEnd = this.#args.switches.has("noEol") ? "" : "\n";
		try {
			process.stdout.write(Buffer.concat([this.#format(packet, now()), Buffer.from(lineEnd)]));
		} catch (error) {
			if (!(error instanceof ClientError)) throw error;
			this.#complain(error.message);
			process.stdout.write(lineEnd);
		}
	}

	#complain(text: string): void {
		if (!this.#args.switches.has("quiet")) process.stderr.write(`${text}\n`);
	}
}
