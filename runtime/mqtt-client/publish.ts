/** The work of `flowbroker pub`. */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { IClientPublishOptions, MqttClient } from "mqtt";
import { isTopicName } from "../../broker";
import type { ClientArguments } from "./arguments";
import { ClientError, usageError } from "./client-error";
import { openConnection } from "./connection";
import type { OptionName } from "./option-table";
import { reasonText } from "./reasons";
import { type ConnectionSettings, connectionSettings, qosOf, wholeOption } from "./settings";

/** The ways to say what is published: one of them. */
const sources = ["message", "null", "file", "stdinFile", "stdinLines"] as const satisfies readonly OptionName[];

/** Publishes, waits until the broker has it all, and disconnects. @returns the exit code. @throws ClientError */
export async function publish(args: ClientArguments): Promise<number> {
	const settings = connectionSettings(args, process.env);
	const topic = args.lists.get("topic")?.at(-1) ?? settings.urlTopic;
	const given = sources.filter((name) => args.values.has(name) || args.switches.has(name));
	if (given.length > 1) throw usageError("pub", "Only one type of message can be sent at once.");
	const [source] = given;
	if (topic === undefined || source === undefined) throw usageError("pub", "Both topic and message must be supplied.");
	if (!isTopicName(topic)) throw usageError("pub", `Invalid publish topic '${topic}', does it contain '+' or '#'?`);
	const messages = messagesOf(args, source);
	const options = publishOptions(args);
	const client = await connected(args, settings);
	const published = new Publisher(client, topic, options, args.switches.has("quiet")).publishAll(messages);
	// Lines may come for days, and wait for a broker that is away. One message that the broker ends the connection for
	// would be sent to it for ever.
	await (source === "stdinLines" ? published : Promise.race([published, connectionLost(client)]));
	await client.endAsync(false, { properties: args.properties.of("disconnect") ?? {} });
	return 0;
}

class Publisher {
	readonly #client: MqttClient;
	readonly #topic: string;
	readonly #options: IClientPublishOptions;
	readonly #quiet: boolean;
	#number = 0;
	/** Why the broker refused the packet that it answered last, in its own words. */
	#reason: string | undefined;

	constructor(client: MqttClient, topic: string, options: IClientPublishOptions, quiet: boolean) {
		this.#client = client;
		this.#topic = topic;
		this.#options = options;
		this.#quiet = quiet;
		client.on("packetreceive", (packet) => {
			if (packet.cmd === "puback" || packet.cmd === "pubrec") this.#reason = packet.properties?.reasonString;
		});
	}

	/** Resolves when all are acknowledged. */
	async publishAll(messages: AsyncIterable<Buffer>): Promise<void> {
		const acknowledged: Promise<void>[] = [];
		for await (const message of messages) acknowledged.push(this.#publish(message));
		await Promise.all(acknowledged);
	}

	/** A broker that does not want the message is told of, and the rest goes on. */
	#publish(message: Buffer): Promise<void> {
		const number = ++this.#number;
		return new Promise((resolve, reject) => {
			this.#client.publish(this.#topic, message, this.#options, (error) => {
				const code = (error as { code?: unknown } | undefined)?.code;
				if (error && typeof code !== "number") {
					reject(new ClientError(`Error: ${error.message}`, undefined, error));
					return;
				}
				if (typeof code === "number") this.#warn(number, code);
				resolve();
			});
		});
	}

	#warn(number: number, code: number): void {
		if (this.#quiet) return;
		const lines = [`Warning: Publish ${number} failed: ${reasonText(code)}.`, ...(this.#reason ? [this.#reason] : [])];
		process.stderr.write(`${lines.join("\n")}\n`);
	}
}

/** @throws ClientError */
function publishOptions(args: ClientArguments): IClientPublishOptions {
	const properties = args.properties.of("publish");
	return { qos: qosOf(args, "qos"), retain: args.switches.has("retain"), ...(properties && { properties }) };
}

/** Rejects when it is lost. */
function connectionLost(client: MqttClient): Promise<never> {
	return new Promise((_resolve, reject) => {
		client.once("close", () => reject(new ClientError("Error: The connection was lost.", 7)));
	});
}

async function connected(args: ClientArguments, settings: ConnectionSettings): Promise<MqttClient> {
	return new Promise((resolve, reject) => {
		openConnection(settings, args.properties, {
			debug: args.switches.has("debug") ? (line) => process.stdout.write(`${line}\n`) : undefined,
			connected: resolve,
			failed: (error) => reject(refusedToo(error, settings)),
		}).catch(reject);
	});
}

/** mosquitto_pub says a refusal twice. */
function refusedToo(error: ClientError, { protocolVersion }: ConnectionSettings): ClientError {
	if (!error.message.startsWith("Connection error")) return error;
	const again =
		protocolVersion === 5
			? "Error: A network protocol error occurred when communicating with the broker."
			: "Error: The connection was refused.";
	return new ClientError([error.message, again], error.exit, error);
}

function messagesOf(args: ClientArguments, source: (typeof sources)[number]): AsyncIterable<Buffer> {
	const { values } = args;
	if (source === "stdinLines") return lines();
	const count = wholeOption(args, "repeat", 1, 2 ** 31 - 1, () => "--repeat argument must be >0.") ?? 1;
	const pause = Number(values.get("repeatDelay") ?? 0);
	if (!(pause >= 0)) throw usageError("pub", "--repeat-delay argument must be >=0.0.");
	if (source === "stdinFile") return repeated(readAll(), count, pause);
	if (source === "file") return repeated(readFile(values.get("file") ?? ""), count, pause);
	return repeated(Buffer.from(values.get("message") ?? ""), count, pause);
}

async function* repeated(message: Buffer | Promise<Buffer>, count: number, seconds: number): AsyncIterable<Buffer> {
	for (let number = 0; number < count; number++) {
		if (number > 0 && seconds > 0) await sleep(seconds * 1_000);
		yield await message;
	}
}

function readFile(path: string): Buffer {
	try {
		return readFileSync(path);
	} catch (error) {
		throw new ClientError(
			[`Error: Unable to open file "${path}".`, `Error loading input file "${path}".`],
			undefined,
			error,
		);
	}
}

async function readAll(): Promise<Buffer> {
	const chunks: Buffer[] = [];
	process.stdin.on("data", (chunk: Buffer) => chunks.push(chunk));
	await once(process.stdin, "end");
	return Buffer.concat(chunks);
}

async function* lines(): AsyncIterable<Buffer> {
	// Latin-1 keeps every byte as it is.
	process.stdin.setEncoding("latin1");
	for await (const line of createInterface({ input: process.stdin })) yield Buffer.from(line, "latin1");
}
