/** What is under way to and from one connection, as Redis has it, so that it need not be asked for each packet. */

/** The highest packet identifier. [MQTT-2.2.1] */
const LAST_PACKET_ID = 65_535;

export class Flight {
	/** Packet identifiers by the numbers of messages. */
	readonly #sent = new Map<number, number>();
	readonly #messages = new Map<number, number>();
	/** Messages of which only PUBREL is left. */
	readonly #released = new Set<number>();
	/** Packet identifiers of QoS 2 messages from the client that are not released. */
	readonly received = new Set<number>();
	/** The queue is on its way: what is published meanwhile comes with it. */
	catchingUp = true;
	/** Number of the last message that was left to the queue. */
	leftToQueue = 0;
	/** Messages of the queue that were read, and are not on their way to the client. */
	#read = 0;
	#allSent = () => {};

	/** @param answer of the script `flight` */
	load([sent, received]: readonly [Buffer[], Buffer[]]): void {
		for (let at = 0; at < sent.length; at += 2) {
			const [message, text] = [Number(sent[at]), String(sent[at + 1])];
			this.#set(message, Number.parseInt(text, 10));
			if (text.endsWith("r")) this.#released.add(message);
		}
		for (const packetId of received) this.received.add(Number(packetId));
	}

	read(): void {
		this.#read++;
	}

	/** One that was read is on its way. */
	handedOver(): void {
		if (--this.#read === 0) this.#allSent();
	}

	/** Resolves when all that were read are on their way; not at all when the connection ends before. */
	allHandedOver(): Promise<void> {
		if (this.#read === 0) return Promise.resolve();
		return new Promise((resolve) => {
			this.#allSent = resolve;
		});
	}

	packetId(message: number): number | undefined {
		return this.#sent.get(message);
	}

	message(packetId: number): number | undefined {
		return this.#messages.get(packetId);
	}

	isReleased(message: number): boolean {
		return this.#released.has(message);
	}

	/** @returns the wanted packet identifier or, where that is in use, another. @throws when all are */
	send(message: number, wanted: number): number {
		let packetId = wanted;
		for (let tried = 0; tried < LAST_PACKET_ID; tried++) {
			if (!this.#messages.has(packetId)) {
				this.#set(message, packetId);
				return packetId;
			}
			packetId = packetId >= LAST_PACKET_ID ? 1 : packetId + 1;
		}
		throw new Error("acknowledges nothing: all packet identifiers are in use");
	}

	release(message: number): void {
		this.#released.add(message);
	}

	acknowledged(message: number): void {
		const packetId = this.#sent.get(message);
		if (packetId !== undefined) this.#messages.delete(packetId);
		this.#sent.delete(message);
		this.#released.delete(message);
	}

	#set(message: number, packetId: number): void {
		this.#sent.set(message, packetId);
		this.#messages.set(packetId, message);
	}
}
