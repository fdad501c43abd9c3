/** What `-d` shows of the packets, in the words of Mosquitto's clients. */

import type { IPublishPacket, Packet } from "mqtt-packet";

/** @returns the lines for a packet that is sent, without the name of the client */
export function sentLines(packet: Packet, publishNumber: number): string[] {
	switch (packet.cmd) {
		case "publish":
			return [`sending PUBLISH (${publishText(packet, packet.messageId || publishNumber)})`];
		case "subscribe":
			return packet.subscriptions.map(({ topic, qos, nl, rap, rh }) => {
				const options = (nl ? 4 : 0) + (rap ? 8 : 0) + (rh ?? 0) * 16;
				const hex = options.toString(16).padStart(2, "0");
				return `sending SUBSCRIBE (Mid: ${packet.messageId}, Topic: ${topic}, QoS: ${qos}, Options: 0x${hex})`;
			});
		case "unsubscribe":
			return packet.unsubscriptions.map((topic) => `sending UNSUBSCRIBE (Mid: ${packet.messageId}, Topic: ${topic})`);
		case "puback":
		case "pubrec":
			return [`sending ${packet.cmd.toUpperCase()} (m${packet.messageId}, rc${packet.reasonCode ?? 0})`];
		case "pubrel":
		case "pubcomp":
			return [`sending ${packet.cmd.toUpperCase()} (m${packet.messageId})`];
		default:
			return [`sending ${packet.cmd.toUpperCase()}`];
	}
}

/** @returns the lines for a packet that came, without the name of the client */
export function receivedLines(packet: Packet): string[] {
	switch (packet.cmd) {
		case "connack":
			return [`received CONNACK (${packet.reasonCode ?? packet.returnCode ?? 0})`];
		case "publish":
			return [`received PUBLISH (${publishText(packet, packet.messageId ?? 0)})`];
		case "puback":
		case "pubcomp":
			return [`received ${packet.cmd.toUpperCase()} (Mid: ${packet.messageId}, RC:${packet.reasonCode ?? 0})`];
		case "pubrec":
		case "pubrel":
			return [`received ${packet.cmd.toUpperCase()} (Mid: ${packet.messageId})`];
		case "disconnect":
			return [`received DISCONNECT (${packet.reasonCode ?? 0})`];
		default:
			return [`received ${packet.cmd.toUpperCase()}`];
	}
}

function publishText({ dup, qos, retain, topic, payload }: IPublishPacket, id: number): string {
	const flags = `d${Number(dup)}, q${qos}, r${Number(retain)}, m${id}`;
	return `${flags}, '${topic}', ... (${Buffer.byteLength(payload)} bytes)`;
}
