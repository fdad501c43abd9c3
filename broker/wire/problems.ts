/** What can be wrong with the bytes of a client: one shared, frozen object for each case. */

/** Why a connection must be closed. */
export interface WireProblem {
	/** The MQTT 5 reason code for DISCONNECT, or for CONNACK before the client is connected. */
	readonly reasonCode: number;
	/** One sentence for the log. MQTT 3.x has no reason codes, so there it is all that is left of the reason. */
	readonly text: string;
}

const malformed = problemsOf(0x81, {
	reservedType: "A packet has the reserved type 0 [MQTT 5, 2.1.2].",
	headerFlags: "The flags in the first byte of a packet are not those of its type [MQTT-2.1.3-1].",
	publishQos3: "A PUBLISH has QoS 3 [MQTT-3.3.1-4].",
	lengthTooLong: "The length of a packet takes more than four bytes [MQTT-1.5.5].",
	lengthMismatch: "A packet is longer or shorter than its header says.",
	numberNotMinimal: "A length or number is written with more bytes than it needs [MQTT-1.5.5-1].",
	numberTooLong: "A variable byte integer takes more than four bytes [MQTT-1.5.5].",
	truncated: "A packet ends in the middle of a field.",
	trailingBytes: "A packet has bytes after its last field.",
	illFormedText: "A text is not well-formed UTF-8 [MQTT-1.5.4-1].",
	nulInText: "A text holds the NUL character [MQTT-1.5.4-2].",
	topicWildcard: "A topic name holds the wildcard + or # [MQTT-3.3.2-2].",
	topicEmpty: "A topic name is empty [MQTT-4.7.3-1].",
	filterEmpty: "A topic filter is empty [MQTT-4.7.3-1].",
	filterHash: "A topic filter has # elsewhere than alone on the last level [MQTT-4.7.1-1].",
	filterPlus: "A topic filter has + together with other characters on one level [MQTT-4.7.1-2].",
	shareName: "A shared subscription is not of the form $share/name/filter [MQTT-4.8.2-1] [MQTT-4.8.2-2].",
	subscribeReserved: "A subscription has reserved option bits set [MQTT-3.8.3-5].",
	connectReserved: "The reserved flag of CONNECT is set [MQTT-3.1.2-3].",
	willQos3: "The will has QoS 3 [MQTT-3.1.2-12].",
	willQosWithoutWill: "CONNECT has a will QoS without a will [MQTT-3.1.2-11].",
	willRetainWithoutWill: "CONNECT has the will retain flag without a will [MQTT-3.1.2-13].",
	passwordWithoutUser: "CONNECT has a password without a user name [MQTT-3.1.2-22 of 3.1.1].",
	propertyUnknown: "A packet has a property with an unknown identifier [MQTT 5, 2.2.2.2].",
	propertyMisplaced: "A packet has a property that does not belong to its type [MQTT 5, 2.2.2.2].",
	authOnVersion3: "An AUTH packet came on a connection that is not MQTT 5.",
});

const protocolError = problemsOf(0x82, {
	firstNotConnect: "The first packet is not CONNECT [MQTT-3.1.0-1].",
	secondConnect: "A second CONNECT came on the same connection [MQTT-3.1.0-2].",
	serverPacket: "A packet came that only a server may send.",
	dupWithQos0: "A PUBLISH with QoS 0 has the DUP flag [MQTT-3.3.1-2].",
	packetIdZero: "A packet identifier is 0 [MQTT-2.2.1-3].",
	noTopicNoAlias: "A PUBLISH has neither topic name nor topic alias [MQTT 5, 3.3.2.1].",
	noFilters: "A SUBSCRIBE or UNSUBSCRIBE has no topic filter [MQTT-3.8.3-2] [MQTT-3.10.3-2].",
	subscribeQos3: "A subscription asks for QoS 3 [MQTT 5, 3.8.3.1].",
	retainHandling3: "A subscription has retain handling 3 [MQTT 5, 3.8.3.1].",
	noLocalOnShared: "A shared subscription has the no-local option [MQTT-3.8.3-4].",
	propertyTwice: "A packet has a property twice that may stand once [MQTT 5, 2.2.2.2].",
	propertyOfServer: "A packet has a property that only a server may send with it [MQTT-3.3.4-6] [MQTT 5, 3.14.2.2.5].",
	flagNotBoolean: "A property that is 0 or 1 has another value.",
	receiveMaximumZero: "The receive maximum is 0 [MQTT 5, 3.1.2.11.3].",
	maximumPacketSizeZero: "The maximum packet size is 0 [MQTT 5, 3.1.2.11.4].",
	subscriptionIdentifierZero: "The subscription identifier is 0 [MQTT 5, 3.8.2.1.2].",
	authenticationDataAlone: "Authentication data came without authentication method [MQTT 5, 3.1.2.11.10].",
	authenticationMethodMissing: "An AUTH packet has no authentication method [MQTT 5, 3.15.2.2.2].",
	reasonCode: "A packet has a reason code that a client may not send with its type.",
});

const unsupportedVersion = problemsOf(0x84, {
	protocolName: "CONNECT names a protocol that is not MQTT [MQTT-3.1.2-1].",
	protocolLevel: "CONNECT asks for a version of MQTT other than 3.1, 3.1.1 and 5 [MQTT-3.1.2-2].",
});

const clientIdInvalid = problemsOf(0x85, {
	clientIdMissing:
		"CONNECT has no client id, and MQTT 3 only allows that with a clean session [MQTT-3.1.3-8 of 3.1.1].",
	clientIdTooLong: "The client id is longer than this broker accepts.",
	clientIdControl: "The client id holds a control character, such as a line break.",
});

const filterInvalid = problemsOf(0x8f, { filterTooDeep: "A topic filter has more levels than this broker accepts." });

const topicInvalid = problemsOf(0x90, { topicTooDeep: "A topic name has more levels than this broker accepts." });

const topicAliasInvalid = problemsOf(0x94, { topicAliasZero: "The topic alias is 0 [MQTT-3.3.2-8]." });

const packetTooLarge = problemsOf(0x95, {
	connectTooLarge: "A CONNECT is larger than this broker accepts.",
	packetTooLarge: "A packet is larger than this broker accepts [MQTT-3.2.2-15].",
});

const quotaExceeded = problemsOf(0x97, {
	userProperties: "A packet has more user properties than this broker accepts.",
});

/** Every problem by its name. */
export const problems = Object.freeze({
	...malformed,
	...protocolError,
	...unsupportedVersion,
	...clientIdInvalid,
	...filterInvalid,
	...topicInvalid,
	...topicAliasInvalid,
	...packetTooLarge,
	...quotaExceeded,
});

const SERVER_UNAVAILABLE = 0x88;
const SERVER_SHUTTING_DOWN = 0x8b;
/** What CONNACK may say. [MQTT 5, 3.2.2.2] */
const connackCodes: readonly number[] = [
	0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9c,
	0x9d, 0x9f,
];

/**
 * The code that answers a refused CONNECT. MQTT 3.x knows only "unacceptable protocol version" and "identifier
 * rejected" among our problems, and in MQTT 5 some codes are for DISCONNECT alone.
 * @param protocolVersion the version in which the client understands a CONNACK
 * @returns undefined when the connection must be closed without CONNACK [MQTT-4.8.0-1 of 3.1.1]
 */
export function connackCode(problem: WireProblem, protocolVersion: 3 | 4 | 5): number | undefined {
	const { reasonCode } = problem;
	if (protocolVersion === 5) {
		if (reasonCode === SERVER_SHUTTING_DOWN) return SERVER_UNAVAILABLE;
		return connackCodes.includes(reasonCode) ? reasonCode : undefined;
	}
	if (reasonCode === 0x84) return 1;
	if (reasonCode === 0x85) return 2;
	return undefined;
}

function problemsOf<Name extends string>(reasonCode: number, texts: Record<Name, string>): Record<Name, WireProblem> {
	const made = {} as Record<Name, WireProblem>;
	for (const name of Object.keys(texts) as Name[]) made[name] = Object.freeze({ reasonCode, text: texts[name] });
	return made;
}
