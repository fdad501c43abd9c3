/** A process that is killed: its clients carry on at the other one. */

import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { startBroker, type TestBroker } from "../../helpers/broker";
import { connect, type TestClient } from "../../helpers/mqtt-client";
import { type PeerProgram, start } from "../../helpers/peer-program";
import { type RedisServer, redisModules, startRedis } from "../../helpers/redis";

const dist = join(__dirname, "../../../dist/broker/index.js");
const script = `
const { createBroker, parseBrokerOptions } = require(process.argv[1]);
const broker = createBroker(parseBrokerOptions({ listeners: [{ port: 0 }], sysInterval: 0, store: JSON.parse(process.argv[2]) }));
broker.start().then(() => console.log("port " + broker.listeners[0].port));
`;

let redis: RedisServer;
let other: TestBroker;
let doomed: PeerProgram;
const clients: TestClient[] = [];

afterEach(async () => {
	for (const client of clients.splice(0)) client.mqtt.end(true);
	await doomed?.kill("SIGKILL");
	await other?.broker.stop();
	await redis?.remove();
});

test("nothing acknowledged is lost, and its clients carry on at the other", async () => {
	const modules = redisModules();
	redis = await startRedis();
	const store = { kind: "redis", url: redis.url, modules };
	doomed = start(process.execPath, ["-e", script, dist, JSON.stringify(store)]);
	const line = await doomed.line((text) => text.startsWith("port "));
	const url = `mqtt://127.0.0.1:${line.slice(5)}`;
	other = await startBroker({ sysInterval: 0, store });
	const session = {
		clientId: "meter",
		clean: false,
		protocolVersion: 5,
		properties: { sessionExpiryInterval: 600 },
	} as const;
	const meter = await connect(url, session);
	await meter.mqtt.subscribeAsync("count/#", { qos: 1 });
	await meter.drop();
	const publisher = await connect(url, { protocolVersion: 5 });
	clients.push(publisher);
	const acknowledged: string[] = [];
	// As many as are acknowledged until the process dies in the middle.
	const publishing = (async () => {
		for (let at = 0; ; at++) {
			await new Promise<void>((resolve, reject) => {
				publisher.mqtt.once("close", () => reject(new Error("closed")));
				publisher.mqtt.publish("count/a", `${at}`, { qos: 1 }, (error) => (error ? reject(error) : resolve()));
			});
			publisher.mqtt.removeAllListeners("close");
			acknowledged.push(`${at}`);
			if (at === 200) void doomed.kill("SIGKILL");
		}
	})();
	await expect(publishing).rejects.toThrow();
	const back = await connect(other.url, session);
	clients.push(back);
	await back.next(({ text }) => text === acknowledged.at(-1));
	const got = new Set(back.received.map(({ text }) => text));
	expect(acknowledged.filter((text) => !got.has(text))).toEqual([]);
	expect(acknowledged.length).toBeGreaterThan(200);
}, 60_000);
