// A load generator on raw sockets: packets are built once, and answers are only counted, so that it is not the bottleneck.
import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import mqtt from "mqtt-packet";

/** A connected client that counts what it gets. */
export class Client {
	received = 0;
	acknowledged = 0;
	#rest = Buffer.alloc(0);
	#waiting = [];
	#handshake;

	/** @param ca certificate of a CA: then over TLS */
	static async open(port, clientId, { ca, ...options } = {}) {
		const client = new Client();
		const where = { port, host: "127.0.0.1", noDelay: true };
		client.socket = ca ? connectTls({ ...where, ca, servername: "localhost" }) : connect(where);
		client.socket.on("data", (data) => client.#take(data));
		await once(client.socket, ca ? "secureConnect" : "connect");
		await client.#ask({
			cmd: "connect",
			protocolId: "MQTT",
			protocolVersion: 4,
			clean: true,
			clientId,
			keepalive: 0,
			...options,
		});
		return client;
	}

	subscribe(topics, qos) {
		const subscriptions = [topics].flat().map((topic) => ({ topic, qos }));
		return this.#ask({ cmd: "subscribe", messageId: 1, subscriptions });
	}

	/** Resolves when that many PUBLISH have arrived in all. */
	until(count) {
		return new Promise((resolve) => {
			this.#waiting.push({ count, resolve });
			this.#check();
		});
	}

	close() {
		this.socket.destroy();
	}

	#ask(packet) {
		return new Promise((resolve) => {
			this.#handshake = resolve;
			this.socket.write(mqtt.generate(packet));
		});
	}

	#take(data) {
		const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, data]) : data;
		let at = 0;
		const answers = [];
		for (;;) {
			let length = 0;
			let shift = 0;
			let head = at + 1;
			let whole = false;
			while (head < bytes.length) {
				const byte = bytes[head++];
				length |= (byte & 127) << shift;
				shift += 7;
				if (byte < 128) {
					whole = true;
					break;
				}
			}
			if (!whole || head + length > bytes.length) break;
			this.#packet(bytes, at, head, answers);
			at = head + length;
		}
		this.#rest = bytes.subarray(at);
		if (answers.length > 0) this.socket.write(Buffer.concat(answers));
		this.onProgress?.();
		this.#check();
	}

	#packet(bytes, at, head, answers) {
		const type = bytes[at] >> 4;
		if (type === 3) {
			this.received++;
			this.onMessage?.();
			const qos = (bytes[at] >> 1) & 3;
			if (qos === 0) return;
			const id = head + 2 + bytes.readUInt16BE(head);
			answers.push(Buffer.from([qos === 1 ? 0x40 : 0x50, 2, bytes[id], bytes[id + 1]]));
		} else if (type === 4 || type === 7) {
			this.acknowledged++;
		} else if (type === 5) {
			answers.push(Buffer.from([0x62, 2, bytes[head], bytes[head + 1]]));
		} else if (type === 6) {
			answers.push(Buffer.from([0x70, 2, bytes[head], bytes[head + 1]]));
		} else if (type === 2 || type === 9) {
			const done = this.#handshake;
			this.#handshake = undefined;
			done?.();
		}
	}

	#check() {
		this.#waiting = this.#waiting.filter(({ count, resolve }) => {
			if (this.received < count) return true;
			resolve();
			return false;
		});
	}
}

/** Publishes `count` messages as fast as the connection takes them; with QoS at most `window` that are
 * unacknowledged or on their way to `subscriber`, so that messages are measured and not queues that grow. */
export async function publish(client, topic, payload, qos, count, subscriber = undefined, window = 100) {
	const one = (id) => mqtt.generate({ cmd: "publish", topic, payload, qos, messageId: id, retain: false, dup: false });
	if (qos === 0) {
		const packet = one(1);
		const batch = Math.min(50, count);
		const block = Buffer.concat(Array.from({ length: batch }, () => packet));
		for (let sent = 0; sent < count; sent += batch) {
			if (!client.socket.write(block)) await once(client.socket, "drain");
		}
		return;
	}
	const before = { acknowledged: client.acknowledged, received: subscriber?.received };
	const packets = Array.from({ length: window }, (_, at) => one(at + 1));
	let sent = 0;
	await new Promise((resolve) => {
		const send = () => {
			const acknowledged = client.acknowledged - before.acknowledged;
			const done = subscriber ? Math.min(acknowledged, subscriber.received - before.received) : acknowledged;
			const block = [];
			while (sent < count && sent - done < window) block.push(packets[sent++ % window]);
			if (block.length > 0) client.socket.write(Buffer.concat(block));
			if (done >= count) resolve();
		};
		client.onProgress = send;
		if (subscriber) subscriber.onProgress = send;
		send();
	});
	client.onProgress = undefined;
	if (subscriber) subscriber.onProgress = undefined;
}
