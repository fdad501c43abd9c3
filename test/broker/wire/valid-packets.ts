/** Valid packets of clients, made by mqtt-packet: by every version, of every type, with every property. */

import { generate, type Packet, type UserProperties } from "mqtt-packet";
import type { ProtocolVersion } from "../../../broker/wire";
import { raw } from "./raw-packet";

export interface Sample {
	readonly name: string;
	readonly version: ProtocolVersion;
	readonly packet: Buffer;
}

const userProperties: UserProperties = { house: "Zürich", list: ["one", "two", ""], "": "empty name" };

const willProperties = {
	willDelayInterval: 5,
	payloadFormatIndicator: true,
	messageExpiryInterval: 60,
	contentType: "text/plain",
	responseTopic: "answers/will",
	correlationData: Buffer.from([0, 1, 2]),
	userProperties,
};

/** Valid in each version: what differs is only how mqtt-packet writes it. */
const common: Record<string, Packet> = {
	"PUBLISH of QoS 0": { cmd: "publish", topic: "home/lamp", payload: "on", qos: 0, dup: false, retain: false },
	"PUBLISH retained and empty": { cmd: "publish", topic: "home/lamp", payload: "", qos: 0, dup: false, retain: true },
	"PUBLISH of QoS 1": { cmd: "publish", topic: "/", payload: "x", qos: 1, messageId: 1, dup: false, retain: false },
	"PUBLISH of QoS 2 again": {
		cmd: "publish",
		topic: "häuser/𠜎/灯",
		payload: Buffer.from([0xff, 0, 0xc0]),
		qos: 2,
		messageId: 65_535,
		dup: true,
		retain: true,
	},
	"PUBLISH of 20 kB": {
		cmd: "publish",
		topic: "$weather//today/",
		payload: Buffer.alloc(20_000, 7),
		qos: 0,
		dup: false,
		retain: false,
	},
	PUBACK: { cmd: "puback", messageId: 256 },
	PUBREC: { cmd: "pubrec", messageId: 2 },
	PUBREL: { cmd: "pubrel", messageId: 3 },
	PUBCOMP: { cmd: "pubcomp", messageId: 65_535 },
	SUBSCRIBE: {
		cmd: "subscribe",
		messageId: 9,
		subscriptions: ["#", "+", "+/+", "a/#", "/", "a//b", "$SYS/#", "ä/+/ö", "$share/group/a/+", "$shared/x"].map(
			(topic, at) => ({ topic, qos: (at % 3) as 0 | 1 | 2 }),
		),
	},
	UNSUBSCRIBE: { cmd: "unsubscribe", messageId: 10, unsubscriptions: ["#", "a/+/b", "$share/group/#"] },
	PINGREQ: { cmd: "pingreq" },
	DISCONNECT: { cmd: "disconnect" },
};

const reason = { reasonString: "because", userProperties };

const version5: Record<string, Packet> = {
	"PUBLISH with every property": {
		cmd: "publish",
		topic: "home/lamp",
		payload: "on",
		qos: 1,
		messageId: 4,
		dup: false,
		retain: false,
		properties: {
			payloadFormatIndicator: false,
			messageExpiryInterval: 4_294_967_295,
			topicAlias: 65_535,
			responseTopic: "answers/1",
			correlationData: Buffer.alloc(300),
			userProperties,
			contentType: "",
		},
	},
	"PUBLISH by alias": {
		cmd: "publish",
		topic: "",
		payload: "on",
		qos: 0,
		dup: false,
		retain: false,
		properties: { topicAlias: 1 },
	},
	"PUBACK with reason": { cmd: "puback", messageId: 1, reasonCode: 0x87, properties: reason },
	"PUBREC with reason": { cmd: "pubrec", messageId: 1, reasonCode: 0x97, properties: reason },
	"PUBREL with reason": { cmd: "pubrel", messageId: 1, reasonCode: 0x92, properties: reason },
	"PUBCOMP with reason": { cmd: "pubcomp", messageId: 1, reasonCode: 0x92, properties: reason },
	"SUBSCRIBE with every option": {
		cmd: "subscribe",
		messageId: 1,
		subscriptions: [
			{ topic: "a", qos: 2, nl: true, rap: true, rh: 2 },
			{ topic: "$share/g/a", qos: 1, nl: false, rap: true, rh: 1 },
		],
		properties: { subscriptionIdentifier: 268_435_455, userProperties },
	},
	"UNSUBSCRIBE with properties": {
		cmd: "unsubscribe",
		messageId: 1,
		unsubscriptions: ["a"],
		properties: { userProperties },
	},
	"DISCONNECT with every property": {
		cmd: "disconnect",
		reasonCode: 0x04,
		properties: { sessionExpiryInterval: 0, ...reason },
	},
	AUTH: {
		cmd: "auth",
		reasonCode: 0x18,
		properties: { authenticationMethod: "SCRAM", authenticationData: Buffer.from("n,,"), ...reason },
	},
};

export const validPackets: readonly Sample[] = [
	...([3, 4, 5] as const).flatMap((version) => samples(common, version)),
	...samples(version5, 5),
];

export const validConnects: readonly Sample[] = [
	connect("smallest", 3, { clientId: "a" }),
	connect("with everything", 3, {
		clientId: "a",
		clean: false,
		keepalive: 65_535,
		username: "anna",
		password: Buffer.from("pw"),
		will: { topic: "gone/a", payload: Buffer.from("x"), qos: 2, retain: true },
	}),
	connect("from a bridge", 3, { clientId: "a", bridgeMode: true }),
	connect("smallest", 4, {}),
	connect("with everything", 4, {
		clientId: "__proto__",
		clean: false,
		keepalive: 60,
		username: "änna",
		password: Buffer.from([0xff, 0]),
		will: { topic: "gone/a", payload: Buffer.alloc(0), qos: 1, retain: false },
	}),
	connect("from a bridge", 4, { clientId: "a", bridgeMode: true }),
	connect("with a user name alone", 4, { clientId: "a", username: "anna" }),
	connect("smallest", 5, {}),
	connect("with everything", 5, {
		clientId: "häuschen",
		clean: false,
		keepalive: 60,
		username: "anna",
		password: Buffer.from("pw"),
		will: { topic: "gone/a", payload: Buffer.from("x"), qos: 2, retain: true, properties: willProperties },
		properties: {
			sessionExpiryInterval: 4_294_967_295,
			receiveMaximum: 20,
			maximumPacketSize: 1_000_000,
			topicAliasMaximum: 10,
			requestResponseInformation: true,
			requestProblemInformation: false,
			userProperties,
			authenticationMethod: "SCRAM",
			authenticationData: Buffer.from("n,,"),
		},
	}),
	// mqtt-packet cannot write this one.
	{ name: "CONNECT with a password alone", version: 5, packet: raw(0x10, "MQTT", 5, 0x42, 0, 0, 0, "a", "token") },
];

function samples(packets: Record<string, Packet>, version: ProtocolVersion): Sample[] {
	return Object.entries(packets).map(([name, packet]) => ({
		name,
		version,
		packet: generate(packet, { protocolVersion: version }),
	}));
}

function connect(name: string, version: ProtocolVersion, fields: object): Sample {
	const packet = {
		cmd: "connect",
		protocolId: version === 3 ? "MQIsdp" : "MQTT",
		protocolVersion: version,
		clean: true,
		keepalive: 0,
		clientId: "",
		...fields,
	} as Packet;
	return { name: `CONNECT ${name}`, version, packet: generate(packet) };
}
