/** Watches one connection: whatever a case is about, the broker's packets must be right in themselves. */

import { type Packet, type Parser, parser } from "mqtt-packet";
import { packetBytes } from "./packet-bytes";

/** What the client said in CONNECT that binds the broker. */
interface Promised {
	receiveMaximum: number;
	maximumPacketSize: number;
	topicAliasMaximum: number;
	problemInformation: boolean;
}

export class Inspector {
	/** What the broker did wrong, as sentences with statement numbers. */
	readonly problems: string[] = [];
	readonly #sent: Parser;
	readonly #promised: Promised = {
		receiveMaximum: 65_535,
		maximumPacketSize: Number.POSITIVE_INFINITY,
		topicAliasMaximum: 0,
		problemInformation: true,
	};
	/** Packet identifiers of PUBLISH packets of the broker that the client has not acknowledged to the end. */
	readonly #inFlight = new Set<number>();
	#rest = Buffer.alloc(0);
	#answered = false;
	#hasDisconnected = false;

	constructor(readonly version: number) {
		this.#sent = parser({ protocolVersion: version });
		this.#sent.on("packet", (packet) => this.#clientSent(packet));
		// What is wrong on purpose needs no book-keeping.
		this.#sent.on("error", () => {});
	}

	sent(bytes: Buffer): void {
		this.#sent.parse(bytes);
	}

	/** @param bytes as they came from the socket */
	received(bytes: Buffer): void {
		this.#rest = Buffer.concat([this.#rest, bytes]);
		for (;;) {
			const packet = packetBytes(this.#rest);
			if (!packet) return;
			this.#rest = this.#rest.subarray(packet.length);
			this.#brokerSent(packet);
		}
	}

	#clientSent(packet: Packet): void {
		if (packet.cmd === "connect") {
			const { properties = {} } = packet;
			this.#promised.receiveMaximum = properties.receiveMaximum ?? 65_535;
			// 0 is forbidden, and promises nothing.
			this.#promised.maximumPacketSize = properties.maximumPacketSize || Number.POSITIVE_INFINITY;
			this.#promised.topicAliasMaximum = properties.topicAliasMaximum ?? 0;
			this.#promised.problemInformation = properties.requestProblemInformation ?? true;
		}
		const isLast = packet.cmd === "puback" || packet.cmd === "pubcomp" || isFailedPubrec(packet);
		if (isLast) this.#inFlight.delete(packet.messageId ?? 0);
	}

	#brokerSent(bytes: Buffer): void {
		const wrong = (problem: string) => this.problems.push(`${problem}: ${bytes.subarray(0, 40).toString("hex")}`);
		if (this.#hasDisconnected) wrong("a packet after DISCONNECT [MQTT-3.14.4-1]");
		if (bytes.length > this.#promised.maximumPacketSize) {
			wrong("a packet over the client's maximum packet size [MQTT-3.1.2-24]");
		}
		const first = bytes[0] as number;
		const type = first >> 4;
		const reserved = type === 6 ? 2 : 0;
		if (type !== 3 && (first & 15) !== reserved) wrong("reserved flags in the fixed header [MQTT-2.1.3-1]");
		if (type === 2) {
			if (this.#answered) wrong("a second CONNACK [MQTT-3.2.0-2]");
			this.#answered = true;
		} else if (!this.#answered && type !== 15) wrong("a packet before CONNACK [MQTT-3.2.0-1]");
		if (type === 14 && this.version < 5) wrong("DISCONNECT to a client of MQTT 3.1.1");
		this.#hasDisconnected ||= type === 14;
		const reader = parser({ protocolVersion: this.version });
		reader.on("error", (error: Error) => wrong(`a packet that cannot be read, ${error.message}`));
		reader.on("packet", (packet) => this.#understood(packet, wrong));
		reader.parse(bytes);
	}

	#understood(packet: Packet, wrong: (problem: string) => void): void {
		if (packet.cmd === "publish") this.#publish(packet, wrong);
		const mayExplain = ["publish", "connack", "disconnect"].includes(packet.cmd);
		const { reasonString, userProperties } = (packet as { properties?: Record<string, unknown> }).properties ?? {};
		if (!mayExplain && !this.#promised.problemInformation && (reasonString ?? userProperties) !== undefined) {
			wrong("a reason that the client did not ask for [MQTT-3.1.2-29]");
		}
	}

	#publish(packet: Packet & { cmd: "publish" }, wrong: (problem: string) => void): void {
		const { qos, dup, topic, messageId = 0, properties = {} } = packet;
		if (qos === 0 && dup) wrong("DUP with QoS 0 [MQTT-3.3.1-2]");
		if (/[+#]/.test(topic)) wrong("a wildcard in a topic name [MQTT-3.3.2-2]");
		const { topicAlias } = properties;
		if (topicAlias !== undefined && (topicAlias === 0 || topicAlias > this.#promised.topicAliasMaximum)) {
			wrong("a topic alias that the client does not take [MQTT-3.1.2-26]");
		}
		if (topic === "" && topicAlias === undefined) wrong("neither topic nor alias [MQTT-4.7.3-1]");
		if (qos === 0) return;
		if (messageId === 0) wrong("packet identifier 0 [MQTT-2.2.1-4]");
		if (this.#inFlight.has(messageId)) wrong("a packet identifier that is in use [MQTT-2.2.1-4]");
		this.#inFlight.add(messageId);
		if (this.#inFlight.size > this.#promised.receiveMaximum) {
			wrong("more messages than the client's receive maximum [MQTT-3.3.4-9]");
		}
	}
}

function isFailedPubrec(packet: Packet): boolean {
	return packet.cmd === "pubrec" && (packet.reasonCode ?? 0) >= 0x80;
}
