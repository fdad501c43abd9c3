/** What clients do with a broker, each told as one line of text: two brokers that do the same tell the same. */

import type { IClientOptions } from "mqtt";
import { connect, type TestClient } from "../../helpers/mqtt-client";
import type { Side } from "./side";

export type Act = (side: Side) => Promise<string>;

/** How a client gets in. */
export interface Way extends IClientOptions {
	/** Listener; default `mqtt`. */
	readonly at?: string;
	readonly scheme?: "mqtt" | "mqtts" | "ws" | "wss";
	readonly path?: string;
}

export function open(side: Side, { at = "mqtt", scheme = "mqtt", path = "", ...options }: Way): Promise<TestClient> {
	const port = side.ports[at] ?? side.ports.default;
	return connect(`${scheme}://127.0.0.1:${port}${path}`, options);
}

export function logIn(way: Way): Act {
	return async (side) => {
		try {
			const client = await open(side, way);
			await client.close();
			return "in";
		} catch (error) {
			const { code } = error as { code?: unknown };
			return typeof code === "number" ? `refused (${code})` : "no connection";
		}
	};
}

/** Publishes to the topics; then a witness with all rights tells what has come through. */
export function publish(way: Way, topics: readonly string[], witnessWay: Way = way): Act {
	return async (side) => {
		const witness = await open(side, witnessWay);
		const client = await open(side, way);
		try {
			await witness.mqtt.subscribeAsync("#", { qos: 1 });
			for (const topic of topics) await client.mqtt.publishAsync(topic, "x", { qos: 1 }).catch(() => {});
			await witness.mqtt.publishAsync("the/end", "x", { qos: 1 });
			await witness.next(({ topic }) => topic === "the/end");
			return told(witness);
		} finally {
			await Promise.all([client.close(), witness.close()]);
		}
	};
}

/** Subscribes; then somebody with all rights publishes to the topics. */
export function receive(way: Way, filters: readonly string[], topics: readonly string[], senderWay: Way = way): Act {
	return async (side) => {
		const sender = await open(side, senderWay);
		const client = await open(side, way);
		try {
			const answers: string[] = [];
			for (const filter of filters) {
				const [granted] = await client.mqtt.subscribeAsync(filter, { qos: 1 }).catch(() => []);
				answers.push(granted && granted.qos < 128 ? `QoS ${granted.qos}` : "refused");
			}
			for (const topic of topics) await sender.mqtt.publishAsync(topic, "x", { qos: 1 });
			// What was sent before is there when this is.
			await client.mqtt.unsubscribeAsync("nothing");
			return `${answers.join(", ")}; ${told(client)}`;
		} finally {
			await Promise.all([client.close(), sender.close()]);
		}
	};
}

/** Publishes retained; the broker is started anew, if that is asked for; then somebody subscribes. */
export function retain(way: Way, topic: string, restart: boolean): Act {
	return async (side) => {
		const sender = await open(side, way);
		await sender.mqtt.publishAsync(topic, "kept", { qos: 1, retain: true });
		await sender.close();
		if (restart) await side.restart();
		const client = await open(side, way);
		await client.mqtt.subscribeAsync(topic, { qos: 1 });
		await client.mqtt.unsubscribeAsync("nothing");
		await client.close();
		return told(client);
	};
}

/**
 * Publishes on one side of a bridge; tells what somebody on the other side gets.
 * @param ready a retained message on it tells that the bridge is there
 * @param last comes through, and ends it
 */
export function across(
	[from, to]: readonly [Way, Way],
	[ready, seen]: readonly [string, string],
	topics: readonly string[],
	last: string,
): Act {
	return async (side) => {
		const [sender, witness] = [await open(side, from), await open(side, to)];
		try {
			await sender.mqtt.publishAsync(ready, "x", { qos: 1, retain: true });
			await witness.mqtt.subscribeAsync("#", { qos: 2 });
			await witness.next(({ topic }) => topic === seen);
			for (const topic of topics) await sender.mqtt.publishAsync(topic, "x", { qos: 2 });
			await witness.next(({ topic }) => topic === last);
			return witness.received
				.filter(({ topic, retain: kept }) => !kept && topic !== seen)
				.map(({ topic, qos }) => `${topic} (QoS ${qos})`)
				.join(", ");
		} finally {
			await Promise.all([sender.close(), witness.close()]);
		}
	};
}

/** Resolves with the first retained message on the topic. */
export function state(way: Way, topic: string): Act {
	return async (side) => {
		const client = await open(side, way);
		await client.mqtt.subscribeAsync(topic, { qos: 1 });
		const { text, retain: kept } = await client.next((message) => message.retain);
		await client.close();
		return `${text}${kept ? ", retained" : ""}`;
	};
}

/** Goes away; comes back when more was published than may wait. */
export function queue(way: Way, messages: number): Act {
	return async (side) => {
		const away: Way = { ...way, clientId: "sleeper", clean: false };
		const before = await open(side, away);
		await before.mqtt.subscribeAsync("queue/#", { qos: 1 });
		await before.close();
		const sender = await open(side, way);
		for (let number = 0; number < messages; number++) {
			await sender.mqtt.publishAsync(`queue/${number}`, "x", { qos: 1 });
		}
		const back = await open(side, away);
		await sender.mqtt.publishAsync("queue/end", "x", { qos: 1 });
		await back.next(({ topic }) => topic === "queue/end");
		await Promise.all([back.close(), sender.close()]);
		return told(back);
	};
}

function told({ received }: TestClient): string {
	const lines = received.map(({ topic, qos, retain: kept }) => `${topic} (QoS ${qos}${kept ? ", retained" : ""})`);
	return lines.length === 0 ? "nothing" : lines.join(", ");
}
