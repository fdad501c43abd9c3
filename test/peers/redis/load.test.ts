/** Messages through two processes on one Redis while one of them is killed, and while Redis goes away and comes back. */

import { afterEach, expect, test } from "@jest/globals";
import mqtt, { type MqttClient } from "mqtt";
import { type BrokerProcess, startBrokerProcess } from "../../helpers/broker-process";
import { LookOut } from "../../helpers/look-out";
import { type RedisServer, redisModules, startRedis } from "../../helpers/redis";

const PAIRS = 9;
const MESSAGES = 120;

let redis: RedisServer;
let processes: BrokerProcess[] = [];
const clients: MqttClient[] = [];

afterEach(async () => {
	for (const client of clients.splice(0)) client.end(true);
	await Promise.all(processes.map(({ program }) => program.kill("SIGKILL")));
	await redis.remove();
});

/** Goes to the next process whenever it has lost its connection, and sends again what was not acknowledged. */
async function open(clientId: string, first: number, heard: (text: string) => void = () => {}): Promise<MqttClient> {
	const ports = processes.map(({ url }) => Number(new URL(url).port));
	const client = mqtt.connect({
		servers: [first, 1 - first].map((at) => ({
			host: "127.0.0.1",
			port: ports[at] as number,
			protocol: "mqtt" as const,
		})),
		protocolVersion: 5,
		clientId,
		clean: false,
		properties: { sessionExpiryInterval: 600 },
		reconnectPeriod: 50,
		connectTimeout: 5_000,
	});
	clients.push(client);
	client.on("error", () => {});
	client.on("message", (_topic, payload) => heard(payload.toString()));
	if (!client.connected) await new Promise<void>((resolve) => client.once("connect", () => resolve()));
	return client;
}

test.each([
	["one process is killed", () => processes[0]?.program.kill("SIGKILL")],
	["Redis goes away and comes back", () => redis.stop().then(() => redis.start())],
])(
	"nothing acknowledged is lost, and QoS 2 comes once, when %s",
	async (_name, disturb) => {
		const store = { kind: "redis", modules: redisModules() };
		redis = await startRedis();
		const options = { store: { ...store, url: redis.url } };
		processes = await Promise.all([startBrokerProcess(options), startBrokerProcess(options)]);
		const changed = new LookOut();
		const got = Array.from({ length: PAIRS }, () => [] as string[]);
		const acknowledged = Array.from({ length: PAIRS }, () => [] as string[]);
		const total = () => acknowledged.reduce((sum, { length }) => sum + length, 0);
		const publishing: Promise<void>[] = [];
		for (let at = 0; at < PAIRS; at++) {
			const qos = at % 2 === 0 ? 1 : 2;
			const subscriber = await open(`sub-${at}`, at % 2, (text) => {
				got[at]?.push(text);
				changed.changed();
			});
			await subscriber.subscribeAsync(`load/${at}`, { qos });
			const publisher = await open(`pub-${at}`, (at >> 1) % 2);
			const publish = async () => {
				for (let number = 0; number < MESSAGES; number++) {
					await publisher.publishAsync(`load/${at}`, `${number}`, { qos });
					acknowledged[at]?.push(`${number}`);
					changed.changed();
				}
			};
			publishing.push(publish());
		}
		await changed.until(() => (total() > (PAIRS * MESSAGES) / 3 ? true : undefined));
		await disturb();
		await Promise.all(publishing);
		const lost = () => acknowledged.flatMap((texts, at) => texts.filter((text) => !got[at]?.includes(text)));
		await changed.until(() => (lost().length === 0 ? true : undefined));
		for (let at = 1; at < PAIRS; at += 2) expect(got[at]).toEqual(acknowledged[at]);
	},
	60_000,
);
