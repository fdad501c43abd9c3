/** Formats received messages: what `-F` of `flowbroker sub` says. */

import type { IPublishPacket } from "mqtt-packet";
import { ClientError, usageError } from "./client-error";
import { jsonMessage } from "./json-message";
import { isoTime, type Moment, timePart, unixTime } from "./time-format";

/** What a part of the format becomes for a message. @throws ClientError for a message that it does not fit */
type Part = (packet: IPublishPacket, moment: Moment) => string | Buffer;

export interface FormatOptions {
	/** JSON over several lines. */
	readonly pretty: boolean;
}

/** @returns makes the output for a message, without a line end. @throws ClientError for a wrong format */
export function messageFormat(
	format: string,
	{ pretty }: FormatOptions,
): (packet: IPublishPacket, moment: Moment) => Buffer {
	const parts = [...format.matchAll(/%([-0]*)(\d*)(?:\.(\d+))?(.?)|@(.?)|\\(.?)|[^%@\\]+/gsu)].map((match): Part => {
		const [whole, flags = "", width = "", maximum, field, time, letter] = match;
		if (field !== undefined) {
			const part = field === "j" || field === "J" ? jsonPart(field === "J", pretty) : fieldPart(field);
			return pad(part, { flags, width: Number(width), maximum: maximum === undefined ? undefined : Number(maximum) });
		}
		if (time !== undefined) return (_packet, moment) => (time === "@" ? "@" : (timePart(time, moment) ?? `%${time}`));
		if (letter !== undefined) return constant(escapePart(letter));
		return constant(whole);
	});
	return (packet, moment) => Buffer.concat(parts.map((part) => Buffer.from(part(packet, moment) as Buffer)));
}

const constant =
	(text: string): Part =>
	() =>
		text;

const escapes: Readonly<Record<string, string>> = {
	"\\": "\\",
	"0": "\0",
	a: "\u0007",
	e: "\u001b",
	n: "\n",
	r: "\r",
	t: "\t",
	v: "\v",
};

function escapePart(letter: string): string {
	const text = escapes[letter];
	if (text === undefined) throw usageError("sub", `Invalid escape specifier '${letter}'.`);
	return text;
}

const text = (value: unknown): string => (value === undefined ? "" : String(value));

const fields: Readonly<Record<string, Part>> = {
	"%": constant("%"),
	A: ({ properties }) => text(properties?.topicAlias),
	C: ({ properties }) => text(properties?.contentType),
	D: ({ properties }) => properties?.correlationData ?? "",
	E: ({ properties }) => text(properties?.messageExpiryInterval),
	F: ({ properties }) =>
		properties?.payloadFormatIndicator === undefined ? "" : text(Number(properties.payloadFormatIndicator)),
	I: (_packet, moment) => isoTime(moment),
	l: ({ payload }) => String(Buffer.byteLength(payload)),
	m: ({ messageId }) => String(messageId ?? 0),
	p: ({ payload }) => Buffer.from(payload as Buffer),
	P: ({ properties }) => {
		const pairs = Object.entries(properties?.userProperties ?? {});
		return pairs.flatMap(([name, values]) => [values].flat().map((value) => `${name}:${value}`)).join(" ");
	},
	q: ({ qos }) => String(qos),
	R: ({ properties }) => text(properties?.responseTopic),
	r: ({ retain }) => (retain ? "1" : "0"),
	S: ({ properties }) => text([properties?.subscriptionIdentifier ?? []].flat()[0]),
	t: ({ topic }) => topic,
	U: (_packet, moment) => unixTime(moment),
	x: ({ payload }) => Buffer.from(payload as Buffer).toString("hex"),
	X: ({ payload }) =>
		Buffer.from(payload as Buffer)
			.toString("hex")
			.toUpperCase(),
};

function fieldPart(letter: string): Part {
	const part = fields[letter];
	if (!part)
		throw usageError("sub", letter === "" ? "Incomplete format specifier." : `Invalid format specifier '${letter}'.`);
	return part;
}

function jsonPart(parse: boolean, pretty: boolean): Part {
	return (packet, moment) => {
		const line = jsonMessage(packet, moment, { parse, pretty });
		if (line === undefined) throw new ClientError(`Error: Message payload is not valid JSON on topic ${packet.topic}.`);
		return line;
	};
}

interface Padding {
	readonly flags: string;
	readonly width: number;
	readonly maximum: number | undefined;
}

function pad(part: Part, { flags, width, maximum }: Padding): Part {
	if (width === 0 && maximum === undefined) return part;
	return (packet, moment) => {
		const whole = part(packet, moment);
		if (typeof whole !== "string") return whole;
		const cut = whole.slice(0, maximum);
		if (flags.includes("-")) return cut.padEnd(width);
		return cut.padStart(width, flags.includes("0") ? "0" : " ");
	};
}
