/** Reason codes of MQTT in words that complete the sentence "The broker answers: ...". */

/** MQTT 5 from 128 on; below are the return codes of MQTT 3. */
const words: Readonly<Record<number, string>> = {
	1: "it does not speak this version of MQTT",
	2: "the client id is not accepted",
	3: "it is not available",
	4: "user name or password is wrong",
	5: "not authorized",
	128: "it gives no reason",
	129: "a packet was malformed",
	130: "the protocol was broken",
	131: "it can't do this",
	132: "it does not speak this version of MQTT",
	133: "the client id is not accepted",
	134: "user name or password is wrong",
	135: "not authorized",
	136: "it is not available",
	137: "it is busy",
	138: "this client is banned",
	139: "it is shutting down",
	140: "this way of logging in is not known",
	141: "nothing was heard of this client for too long",
	142: "another client connected with the same client id",
	143: "the topic filter is not accepted",
	144: "the topic is not accepted",
	147: "too many messages at the same time",
	148: "the topic alias is not valid",
	149: "the packet is too large",
	150: "too many messages",
	151: "a quota is used up",
	152: "an administrator ended it",
	153: "the payload is not what was promised",
	154: "it keeps no retained messages",
	155: "it does not offer this QoS",
	156: "another server should be used",
	157: "the server has moved",
	158: "it offers no shared subscriptions",
	159: "too many connections",
	160: "the connection has lasted too long",
	161: "it offers no subscription identifiers",
	162: "it offers no wildcards",
};

/** @param reason the text that the broker sent with the code */
export function wordsOf(code: number, reason?: string): string {
	const text = words[code] ?? `reason code ${code}`;
	return reason ? `${text} (${reason.slice(0, 200)})` : text;
}
