/** Checks one whole packet of a connected client against the standard, byte by byte, without decoding it. */

import { checkProperties } from "./check-properties";
import { FieldReader } from "./field-reader";
import { firstByteProblem, headerLength, packetType, remainingLength } from "./fixed-header";
import { problems, type WireProblem } from "./problems";
import { type Place, place, properties } from "./properties";
import { authReason, disconnectReason, publishAnswer, releaseAnswer } from "./reason-codes";
import { DEFAULT_TOPIC_LEVELS, isShared } from "./topics";

/** 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. */
export type ProtocolVersion = 3 | 4 | 5;

const topicAlias = properties.topicAlias.bit;
const authenticationMethod = properties.authenticationMethod.bit;

/**
 * What is wrong with a packet that a client sent after CONNECT? Never throws, whatever the bytes are.
 * What depends on earlier packets (packet identifiers in use, aliases that were never set) is the engine's to judge.
 * @param packet exactly one packet, fixed header and all, as {@link PacketFramer} gives it
 * @param maxTopicLevels how many levels a topic or filter may have
 * @param maxUserProperties how many user properties the packet may have; default: any number
 */
export function checkPacket(
	packet: Buffer,
	protocolVersion: ProtocolVersion,
	maxTopicLevels: number = DEFAULT_TOPIC_LEVELS,
	maxUserProperties?: number,
): WireProblem | undefined {
	const bodyAt = headerLength(packet, 0, packet.length);
	if (bodyAt <= 0) return bodyAt === 0 ? problems.truncated : problems.lengthTooLong;
	const first = packet[0] as number;
	const wrong = firstByteProblem(first);
	if (wrong) return wrong;
	if (bodyAt + remainingLength(packet, 0, bodyAt) !== packet.length) return problems.lengthMismatch;
	const v5 = protocolVersion === 5;
	if (v5 && bodyAt > 2 && packet[bodyAt - 1] === 0) return problems.numberNotMinimal;
	const reader = new FieldReader(packet, bodyAt, packet.length, maxUserProperties);
	switch (first >> 4) {
		case packetType.publish:
			return checkPublish(reader, first, v5, maxTopicLevels);
		case packetType.puback:
		case packetType.pubrec:
			return checkAcknowledge(reader, v5, publishAnswer);
		case packetType.pubrel:
		case packetType.pubcomp:
			return checkAcknowledge(reader, v5, releaseAnswer);
		case packetType.subscribe:
			return checkSubscribe(reader, v5, maxTopicLevels);
		case packetType.unsubscribe:
			return checkUnsubscribe(reader, v5, maxTopicLevels);
		case packetType.disconnect:
			return v5 ? checkDisconnect(reader) : reader.finish();
		case packetType.auth:
			return v5 ? checkAuth(reader) : problems.authOnVersion3;
		case packetType.connect:
			return problems.secondConnect;
		default:
			return reader.finish();
	}
}

function checkPublish(
	reader: FieldReader,
	first: number,
	v5: boolean,
	maxTopicLevels: number,
): WireProblem | undefined {
	const topicLength = reader.topicName(maxTopicLevels);
	if ((first & 0x06) !== 0) reader.packetId();
	const seen = v5 ? checkProperties(reader, place.publish, maxTopicLevels) : 0;
	if (topicLength === 0 && (seen & topicAlias) === 0) reader.fail(v5 ? problems.noTopicNoAlias : problems.topicEmpty);
	// Whatever follows is the payload.
	return reader.problem;
}

function checkAcknowledge(reader: FieldReader, v5: boolean, codes: ReadonlySet<number>): WireProblem | undefined {
	reader.packetId();
	// MQTT 5 lets the reason code go when it is 0, and the properties when there are none.
	if (v5) checkReason(reader, codes, place.acknowledge);
	return reader.finish();
}

function checkSubscribe(reader: FieldReader, v5: boolean, maxTopicLevels: number): WireProblem | undefined {
	reader.packetId();
	if (v5) checkProperties(reader, place.subscribe, maxTopicLevels);
	if (!reader.more) reader.fail(problems.noFilters);
	while (reader.more) {
		const filterAt = reader.topicFilter(maxTopicLevels);
		const filterEnd = reader.at;
		const options = reader.byte();
		if (reader.problem) return reader.problem;
		const wrong = optionsProblem(options, v5);
		if (wrong) return wrong;
		// [MQTT-3.8.3-4]
		if ((options & 0x04) !== 0 && isShared(reader.bytes, filterAt, filterEnd)) return problems.noLocalOnShared;
	}
	return reader.problem;
}

function optionsProblem(options: number, v5: boolean): WireProblem | undefined {
	if ((options & (v5 ? 0xc0 : 0xfc)) !== 0) return problems.subscribeReserved;
	if ((options & 0x03) === 3) return problems.subscribeQos3;
	return (options & 0x30) === 0x30 ? problems.retainHandling3 : undefined;
}

function checkUnsubscribe(reader: FieldReader, v5: boolean, maxTopicLevels: number): WireProblem | undefined {
	reader.packetId();
	if (v5) checkProperties(reader, place.unsubscribe, maxTopicLevels);
	if (!reader.more) reader.fail(problems.noFilters);
	while (reader.more) reader.topicFilter(maxTopicLevels);
	return reader.problem;
}

function checkDisconnect(reader: FieldReader): WireProblem | undefined {
	checkReason(reader, disconnectReason, place.disconnect);
	return reader.finish();
}

function checkAuth(reader: FieldReader): WireProblem | undefined {
	// An empty AUTH means success, which only the server says; and it would lack the method.
	if (!reader.more) return problems.authenticationMethodMissing;
	const seen = checkReason(reader, authReason, place.auth);
	if ((seen & authenticationMethod) === 0) reader.fail(problems.authenticationMethodMissing);
	return reader.finish();
}

/** A reason code that may be missing, then properties that may be missing. Returns their bits. */
function checkReason(reader: FieldReader, codes: ReadonlySet<number>, where: Place): number {
	if (!reader.more) return 0;
	if (!codes.has(reader.byte())) reader.fail(problems.reasonCode);
	return reader.more ? checkProperties(reader, where, DEFAULT_TOPIC_LEVELS) : 0;
}
