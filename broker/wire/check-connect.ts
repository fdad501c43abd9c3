/** Checks a CONNECT packet and takes out of it what must be known before the engine sees it. */

import type { ProtocolVersion } from "./check-packet";
import { checkProperties, type PropertyNumbers } from "./check-properties";
import { FieldReader } from "./field-reader";
import { firstByteProblem, headerLength, packetType, remainingLength } from "./fixed-header";
import { problems, type WireProblem } from "./problems";
import { place, properties } from "./properties";
import { DEFAULT_TOPIC_LEVELS } from "./topics";

/** What a valid CONNECT says. */
export interface ConnectFacts {
	readonly problem: undefined;
	readonly protocolVersion: ProtocolVersion;
	/** The client is a bridge, by the sign that Mosquitto's bridges give: 0x80 added to the level of 3.1 and 3.1.1. */
	readonly bridge: boolean;
	/** Empty when the server is to choose one. */
	readonly clientId: string;
	/** Clean session in MQTT 3.x. */
	readonly cleanStart: boolean;
	/** Seconds; 0 is none. */
	readonly keepAlive: number;
	readonly username: string | undefined;
	readonly hasPassword: boolean;
	readonly hasWill: boolean;
	readonly willTopic: string | undefined;
	/** The client wants the enhanced authentication of MQTT 5. */
	readonly hasAuthenticationMethod: boolean;
	/** Seconds that the session outlives the connection; 0xffffffff is for ever. 0 where MQTT 3.x has `cleanStart`. */
	readonly sessionExpiryInterval: number;
	/** How many messages of QoS 1 and 2 the client takes unacknowledged. */
	readonly receiveMaximum: number;
	/** The largest packet, in bytes, that the client takes; undefined is any. */
	readonly maximumPacketSize: number | undefined;
	/** The highest topic alias that the client takes; 0 is none. */
	readonly topicAliasMaximum: number;
}

export interface ConnectRefusal {
	readonly problem: WireProblem;
	/** The version for a CONNACK that the client understands; undefined when none can be sent. */
	readonly protocolVersion: ProtocolVersion | undefined;
}

/**
 * Checks a whole CONNECT packet. Never throws, whatever the bytes are.
 * @param packet exactly one packet, fixed header and all, as {@link PacketFramer} gives it
 * @param maxTopicLevels how many levels the will's topic may have
 * @param maxUserProperties how many user properties CONNECT and its will may have; default: any number
 */
export function checkConnect(
	packet: Buffer,
	maxTopicLevels: number = DEFAULT_TOPIC_LEVELS,
	maxUserProperties?: number,
): ConnectFacts | ConnectRefusal {
	const headerEnd = headerLength(packet, 0, packet.length);
	const wrong = headerProblem(packet, headerEnd);
	if (wrong) return { problem: wrong, protocolVersion: undefined };
	const reader = new FieldReader(packet, headerEnd, packet.length, maxUserProperties);
	const name = reader.string();
	const level = reader.byte();
	if (reader.problem) return { problem: reader.problem, protocolVersion: undefined };
	const version = versionOf(name, level);
	// A client of some other level is told so in the words of 3.1.1 [MQTT-3.1.2-2 of 3.1.1]; what is not MQTT is not.
	if (version === "level") return { problem: problems.protocolLevel, protocolVersion: 4 };
	if (version === "name") return { problem: problems.protocolName, protocolVersion: undefined };
	if (version === 5 && headerEnd > 2 && packet[headerEnd - 1] === 0) reader.fail(problems.numberNotMinimal);
	const facts = readConnect(reader, version, level >= 0x80, maxTopicLevels);
	return reader.problem ? { problem: reader.problem, protocolVersion: version } : facts;
}

function headerProblem(packet: Buffer, headerEnd: number): WireProblem | undefined {
	if (headerEnd <= 0) return headerEnd === 0 ? problems.truncated : problems.lengthTooLong;
	const first = packet[0] as number;
	const wrong = firstByteProblem(first);
	if (wrong) return wrong;
	if (first >> 4 !== packetType.connect) return problems.firstNotConnect;
	return headerEnd + remainingLength(packet, 0, headerEnd) === packet.length ? undefined : problems.lengthMismatch;
}

function versionOf(name: string, level: number): ProtocolVersion | "name" | "level" {
	if (name === "MQTT") {
		if (level === 5) return 5;
		return (level & 0x7f) === 4 ? 4 : "level";
	}
	if (name === "MQIsdp") return (level & 0x7f) === 3 ? 3 : "level";
	return "name";
}

/** The result is only good when the reader has no problem. */
function readConnect(
	reader: FieldReader,
	protocolVersion: ProtocolVersion,
	bridge: boolean,
	maxTopicLevels: number,
): ConnectFacts {
	const v5 = protocolVersion === 5;
	const flags = reader.byte();
	const wrong = flagsProblem(flags, v5);
	if (wrong) reader.fail(wrong);
	const cleanStart = (flags & 0x02) !== 0;
	const hasWill = (flags & 0x04) !== 0;
	const hasPassword = (flags & 0x40) !== 0;
	const keepAlive = reader.uint16();
	const numbers: PropertyNumbers = new Map();
	const seen = v5 ? checkProperties(reader, place.connect, maxTopicLevels, numbers) : 0;
	const clientId = reader.string();
	if (clientId === "" && clientIdNeeded(protocolVersion, cleanStart)) reader.fail(problems.clientIdMissing);
	const willTopic = hasWill ? readWill(reader, v5, maxTopicLevels) : undefined;
	const username = (flags & 0x80) !== 0 ? reader.string() : undefined;
	if (hasPassword) reader.binary();
	reader.finish();
	return {
		problem: undefined,
		protocolVersion,
		bridge,
		clientId,
		cleanStart,
		keepAlive,
		username,
		hasPassword,
		hasWill,
		willTopic,
		hasAuthenticationMethod: (seen & properties.authenticationMethod.bit) !== 0,
		sessionExpiryInterval: numbers.get("sessionExpiryInterval") ?? (v5 || cleanStart ? 0 : 0xffff_ffff),
		receiveMaximum: numbers.get("receiveMaximum") ?? 65_535,
		maximumPacketSize: numbers.get("maximumPacketSize"),
		topicAliasMaximum: numbers.get("topicAliasMaximum") ?? 0,
	};
}

function flagsProblem(flags: number, v5: boolean): WireProblem | undefined {
	if ((flags & 0x01) !== 0) return problems.connectReserved;
	if ((flags & 0x18) === 0x18) return problems.willQos3;
	if ((flags & 0x04) === 0) {
		if ((flags & 0x18) !== 0) return problems.willQosWithoutWill;
		if ((flags & 0x20) !== 0) return problems.willRetainWithoutWill;
	}
	// MQTT 5 allows a password alone, for tokens (3.1.2.9).
	return !v5 && (flags & 0xc0) === 0x40 ? problems.passwordWithoutUser : undefined;
}

/** MQTT 3.1 wants one always, 3.1.1 for a session that is kept [MQTT-3.1.3-8 of 3.1.1], 5 never. */
function clientIdNeeded(protocolVersion: ProtocolVersion, cleanStart: boolean): boolean {
	return protocolVersion === 3 || (protocolVersion === 4 && !cleanStart);
}

function readWill(reader: FieldReader, v5: boolean, maxTopicLevels: number): string {
	if (v5) checkProperties(reader, place.will, maxTopicLevels);
	const topicAt = reader.at + 2;
	if (reader.topicName(maxTopicLevels) === 0) reader.fail(problems.topicEmpty);
	const topic = reader.problem ? "" : reader.bytes.toString("utf8", topicAt, reader.at);
	reader.binary();
	return topic;
}
