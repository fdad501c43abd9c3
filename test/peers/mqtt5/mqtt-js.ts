/** MQTT.js 5. */

import mqtt, { type IClientOptions, type IClientSubscribeOptions } from "mqtt";
import { connect, type Received, type TestClient } from "../../helpers/mqtt-client";
import { type Peer, sent, told } from "./actions";

const lasting: IClientOptions = { clean: false, properties: { sessionExpiryInterval: 600 } };

function tell({ topic, text, qos, retain, packet }: Received): string {
	const { properties = {} } = packet;
	const [user] = Object.entries(properties.userProperties ?? {});
	return told({
		topic,
		payload: text,
		qos,
		retain,
		contentType: properties.contentType,
		responseTopic: properties.responseTopic,
		correlationData: properties.correlationData?.toString(),
		user: user?.join(":"),
		expiry: properties.messageExpiryInterval,
		identifier: [properties.subscriptionIdentifier ?? []].flat()[0],
	});
}

export function mqttJs(): Peer {
	const clients: TestClient[] = [];

	async function login(port: number, options: IClientOptions = {}): Promise<TestClient> {
		const client = await connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5, ...options });
		clients.push(client);
		return client;
	}

	async function subscriber(port: number, topic: string, options: Partial<IClientSubscribeOptions> = {}) {
		const client = await login(port);
		await client.mqtt.subscribeAsync(topic, { qos: 2, ...options });
		return client;
	}

	return {
		name: "MQTT.js",
		acts: {
			qos: async (port) => {
				const client = await subscriber(port, "qos/#");
				for (const qos of [0, 1, 2] as const) await client.mqtt.publishAsync(`qos/${qos}`, "x", { qos });
				return (await client.count(3)).map(tell);
			},
			properties: async (port) => {
				const client = await subscriber(port, "properties/#");
				const { userProperty, correlationData, ...others } = sent;
				const properties = {
					...others,
					correlationData: Buffer.from(correlationData),
					userProperties: { [userProperty[0]]: userProperty[1] },
				};
				await client.mqtt.publishAsync("properties/t", "x", { qos: 1, properties });
				return [tell(await client.next())];
			},
			retained: async (port) => {
				const publisher = await login(port);
				await publisher.mqtt.publishAsync("retained/t", "x", { qos: 1, retain: true });
				const client = await subscriber(port, "retained/t");
				const seen = tell(await client.next());
				await publisher.mqtt.publishAsync("retained/t", "", { qos: 1, retain: true });
				return [seen];
			},
			session: async (port) => {
				const options = { ...lasting, clientId: "mqttjs-session" };
				const first = await login(port, options);
				await first.mqtt.subscribeAsync("session/t", { qos: 1 });
				await first.close();
				const publisher = await login(port);
				await publisher.mqtt.publishAsync("session/t", "x", { qos: 1 });
				const again = await login(port, options);
				return [tell(await again.next())];
			},
			"session present": async (port) => [await sessionPresent(port), await sessionPresent(port)],
			shared: async (port) => {
				const members = [await subscriber(port, "$share/g/shared/t"), await subscriber(port, "$share/g/shared/t")];
				for (let at = 0; at < 4; at++) await members[0]?.mqtt.publishAsync("shared/t", `${at}`, { qos: 1 });
				for (const member of members) await member.count(2);
				return members.map(({ received }) => `${received.length}`);
			},
			"no local": async (port) => {
				const client = await subscriber(port, "nolocal/t", { nl: true });
				await client.mqtt.publishAsync("nolocal/t", "own", { qos: 1 });
				await (await login(port)).mqtt.publishAsync("nolocal/t", "other", { qos: 1 });
				await client.next();
				return client.received.map(tell);
			},
			"retain as published": async (port) => {
				const client = await subscriber(port, "rap/t", { rap: true });
				await client.mqtt.publishAsync("rap/t", "x", { qos: 1, retain: true });
				const seen = tell(await client.next());
				await client.mqtt.publishAsync("rap/t", "", { qos: 1, retain: true });
				return [seen];
			},
			will: async (port) => {
				const client = await subscriber(port, "will/t");
				const properties = { willDelayInterval: 1, contentType: "text/plain" };
				const will = { topic: "will/t", payload: Buffer.from("gone"), qos: 1, retain: false, properties } as const;
				await (await login(port, { ...lasting, clientId: "mqttjs-will", will })).drop();
				return [tell(await client.next())];
			},
			alias: async (port) => {
				const client = await login(port, { properties: { topicAliasMaximum: 5 } });
				await client.mqtt.subscribeAsync("alias/t", { qos: 1 });
				const publisher = await login(port, { autoAssignTopicAlias: true });
				for (const text of ["1", "2", "3"]) await publisher.mqtt.publishAsync("alias/t", text, { qos: 1 });
				return (await client.count(3)).map(tell);
			},
			identifiers: async (port) => {
				const client = await login(port);
				await client.mqtt.subscribeAsync("identifiers/#", { qos: 0, properties: { subscriptionIdentifier: 1 } });
				await client.mqtt.subscribeAsync("identifiers/t", { qos: 1, properties: { subscriptionIdentifier: 2 } });
				await client.mqtt.publishAsync("identifiers/t", "x", { qos: 1 });
				return (await client.count(2)).map(tell).sort();
			},
		},
		stop: async () => {
			for (const client of clients.splice(0)) await client.mqtt.endAsync(true);
		},
	};
}

/** Connects to a session, and leaves it there. */
async function sessionPresent(port: number): Promise<string> {
	const options = { ...lasting, clientId: "mqttjs-present", manualConnect: true } as const;
	const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5, reconnectPeriod: 0, ...options });
	const present = await new Promise<boolean>((resolve, reject) => {
		client.once("connect", (connack) => resolve(connack.sessionPresent));
		client.once("error", reject);
		client.connect();
	});
	await client.endAsync();
	return present ? "session present" : "no session";
}
