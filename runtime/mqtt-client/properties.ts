/** The properties of MQTT 5 that `-D COMMAND NAME VALUE` sets. */

import type { UserProperties } from "mqtt-packet";
import { usageError } from "./client-error";

/** The packets that may get properties. */
export type PropertyCommand = "connect" | "publish" | "subscribe" | "unsubscribe" | "disconnect" | "will";

type Kind = "text" | "binary" | "byte" | "short" | "long" | "pair";

interface Property {
	readonly kind: Kind;
	readonly allowed: readonly PropertyCommand[];
}

const everywhere = ["connect", "publish", "subscribe", "unsubscribe", "disconnect", "will"] as const;
const messages = ["publish", "will"] as const;

const properties: Readonly<Record<string, Property>> = {
	"authentication-data": { kind: "binary", allowed: ["connect"] },
	"authentication-method": { kind: "text", allowed: ["connect"] },
	"content-type": { kind: "text", allowed: messages },
	"correlation-data": { kind: "binary", allowed: messages },
	"maximum-packet-size": { kind: "long", allowed: ["connect"] },
	"message-expiry-interval": { kind: "long", allowed: messages },
	"payload-format-indicator": { kind: "byte", allowed: messages },
	"receive-maximum": { kind: "short", allowed: ["connect"] },
	"request-problem-information": { kind: "byte", allowed: ["connect"] },
	"request-response-information": { kind: "byte", allowed: ["connect"] },
	"response-topic": { kind: "text", allowed: messages },
	"session-expiry-interval": { kind: "long", allowed: ["connect", "disconnect"] },
	"topic-alias": { kind: "short", allowed: ["publish"] },
	"topic-alias-maximum": { kind: "short", allowed: ["connect"] },
	"user-property": { kind: "pair", allowed: everywhere },
	"will-delay-interval": { kind: "long", allowed: ["will"] },
};

const largest = { byte: 255, short: 65_535, long: 4_294_967_295 } as const;

/** mqtt-packet takes these as yes or no. */
const flags = new Set(["payloadFormatIndicator", "requestProblemInformation", "requestResponseInformation"]);

/** The properties of one run of a command, by packet. */
export class PropertySet {
	readonly #of: "pub" | "sub";
	readonly #byCommand = new Map<PropertyCommand, Record<string, unknown>>();

	constructor(of: "pub" | "sub") {
		this.#of = of;
	}

	/** @param words what follows `-D`. @returns how many of them were used. @throws ClientError */
	add(words: readonly string[]): number {
		const [command, name, value, second] = words;
		const fail = (sentence: string) => usageError(this.#of, sentence);
		if (command === undefined || name === undefined || value === undefined) {
			throw fail("--property argument given but not enough arguments specified.");
		}
		if (!isCommand(command)) throw fail("Invalid command given in --property argument.");
		const property = properties[name];
		if (!property) throw fail("Invalid property name given in --property argument.");
		if (!property.allowed.includes(command)) {
			throw fail(`${name} property not allowed for ${command} in --property argument.`);
		}
		if (property.kind === "pair") {
			if (second === undefined) throw fail("--property argument given but not enough arguments specified.");
			this.#addPair(command, value, second);
			return 4;
		}
		const field = name.replace(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase());
		const read = readValue(property.kind, value);
		if (read === undefined) throw fail(`Property value (${value}) out of range for property ${name}.`);
		this.#fields(command)[field] = flags.has(field) ? read === 1 : read;
		return 3;
	}

	/** In the form of mqtt-packet; `undefined` when there are none. */
	of(command: PropertyCommand): Record<string, unknown> | undefined {
		return this.#byCommand.get(command);
	}

	get isEmpty(): boolean {
		return this.#byCommand.size === 0;
	}

	#fields(command: PropertyCommand): Record<string, unknown> {
		const fields = this.#byCommand.get(command) ?? {};
		this.#byCommand.set(command, fields);
		return fields;
	}

	#addPair(command: PropertyCommand, name: string, value: string): void {
		const fields = this.#fields(command);
		const pairs = (fields.userProperties ?? Object.create(null)) as Record<string, string | string[]>;
		const earlier = pairs[name];
		pairs[name] = earlier === undefined ? value : [earlier, value].flat();
		fields.userProperties = pairs satisfies UserProperties;
	}
}

function isCommand(word: string): word is PropertyCommand {
	return everywhere.some((command) => command === word);
}

function readValue(kind: Exclude<Kind, "pair">, value: string): string | Buffer | number | undefined {
	if (kind === "text") return value;
	if (kind === "binary") return Buffer.from(value);
	const number = Number(value);
	return /^\d+$/.test(value) && number <= largest[kind] ? number : undefined;
}
