/** Reason codes in the words of Mosquitto's clients. */

/** CONNACK of MQTT 3.1 and 3.1.1. */
const refusals = [
	"Connection Accepted.",
	"Connection Refused: unacceptable protocol version.",
	"Connection Refused: identifier rejected.",
	"Connection Refused: broker unavailable.",
	"Connection Refused: bad user name or password.",
	"Connection Refused: not authorised.",
] as const;

const reasons: Readonly<Record<number, string>> = {
	128: "Unspecified error",
	129: "Malformed packet",
	130: "Protocol error",
	131: "Implementation specific error",
	132: "Unsupported protocol version",
	133: "Client ID not valid",
	134: "Bad user name or password",
	135: "Not authorized",
	136: "Server unavailable",
	137: "Server busy",
	138: "Banned",
	139: "Server shutting down",
	140: "Bad authentication method",
	141: "Keep alive timeout",
	142: "Session taken over",
	143: "Topic filter invalid",
	144: "Topic name invalid",
	147: "Receive maximum exceeded",
	148: "Topic alias invalid",
	149: "Packet too large",
	151: "Quota exceeded",
	152: "Administrative action",
	153: "Payload format invalid",
	154: "Retain not supported",
	155: "QoS not supported",
	156: "Use another server",
	157: "Server moved",
	158: "Shared subscriptions not supported",
	159: "Connection rate exceeded",
	160: "Maximum connect time",
	161: "Subscription identifiers not supported",
	162: "Wildcard subscriptions not supported",
};

/** @param code a return code of MQTT 3, or a reason code of MQTT 5 */
export function refusalText(code: number, protocolVersion: 3 | 4 | 5): string {
	if (protocolVersion === 5) return reasonText(code);
	return refusals[code] ?? "Connection Refused: unknown reason.";
}

/** A reason code of MQTT 5. */
export function reasonText(code: number): string {
	return reasons[code] ?? "Unknown reason";
}
