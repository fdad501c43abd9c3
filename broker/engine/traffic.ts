/** Plain counters of what went over the wire: of one connection, or added up over many. */

/** Packets, messages (PUBLISH packets) and bytes, from the broker's side: `in` came from clients, `out` went to them. */
export class Traffic {
	packetsIn = 0;
	packetsOut = 0;
	/** All bytes of MQTT, as they came from the connection: below TLS and WebSocket there are more. */
	bytesIn = 0;
	bytesOut = 0;
	/** PUBLISH packets. */
	messagesIn = 0;
	messagesOut = 0;
	/** Bytes of PUBLISH packets, with their headers and properties. */
	messageBytesIn = 0;
	messageBytesOut = 0;

	add(other: Readonly<Traffic>): void {
		this.packetsIn += other.packetsIn;
		this.packetsOut += other.packetsOut;
		this.bytesIn += other.bytesIn;
		this.bytesOut += other.bytesOut;
		this.messagesIn += other.messagesIn;
		this.messagesOut += other.messagesOut;
		this.messageBytesIn += other.messageBytesIn;
		this.messageBytesOut += other.messageBytesOut;
	}
}
