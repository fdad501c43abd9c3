/** What every engine must do, through real sockets, for MQTT 3.1, 3.1.1 and 5. */

import { connect as connectTcp } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { IClientOptions } from "mqtt";
import { withMark } from "../../broker/bridge/mark";
import type { EngineFactory } from "../../broker/engine/engine";
import type { Message } from "../../broker/message";
import { startBroker, type TestBroker } from "../helpers/broker";
import { connect, type TestClient } from "../helpers/mqtt-client";

const versions = [
	{ name: "MQTT 3.1", options: { protocolId: "MQIsdp", protocolVersion: 3 } },
	{ name: "MQTT 3.1.1", options: { protocolVersion: 4 } },
	{ name: "MQTT 5", options: { protocolVersion: 5 } },
] as const satisfies { name: string; options: IClientOptions }[];

const levels = [0, 1, 2] as const;

/** What the suite talks to: one broker, or several that are one. */
export interface Judged {
	readonly brokers: readonly TestBroker[];
	/** After each test, when the brokers have stopped. */
	end?(): Promise<void>;
}

/** @param start makes what is judged; default: one broker in memory, with the engine */
export function engineSuite(
	name: string,
	engine: EngineFactory,
	start: () => Promise<Judged> = async () => ({ brokers: [await startBroker({}, { engine })] }),
): void {
	describe(`engine ${name}`, () => {
		let judged: Judged;
		let broker: TestBroker;
		/** Clients connect to one broker after the other. */
		let opened = 0;
		const clients: TestClient[] = [];

		const open = async (options: IClientOptions): Promise<TestClient> => {
			const { url } = judged.brokers[opened++ % judged.brokers.length] as TestBroker;
			const client = await connect(url, options);
			clients.push(client);
			return client;
		};

		beforeEach(async () => {
			judged = await start();
			broker = judged.brokers[0] as TestBroker;
		});

		afterEach(async () => {
			for (const client of clients.splice(0)) client.mqtt.end(true);
			await Promise.all(judged.brokers.map((one) => one.broker.stop()));
			await judged.end?.();
		});

		test("takes a message that came over another bridge before once, and acknowledges it", async () => {
			const subscriber = await open({ protocolVersion: 4 });
			await subscriber.mqtt.subscribeAsync("ring/#", { qos: 2 });
			const publisher = await open({ protocolVersion: 5 });
			for (const qos of [0, 1, 2] as const) {
				const message: Message = { topic: `ring/${qos}`, payload: Buffer.from("x"), qos, retain: true };
				const marked = withMark(message, { origin: "elsewhere", number: 1, bridges: 1 });
				const properties = { userProperties: marked.properties?.userProperties ?? {} };
				for (let round = 0; round < 3; round++) {
					await publisher.mqtt.publishAsync(message.topic, "x", { qos, retain: true, properties });
				}
				// The mark of another message: a flow has copied it.
				await publisher.mqtt.publishAsync(message.topic, "y", { qos, retain: true, properties });
			}
			await publisher.mqtt.publishAsync("ring/end", "end", { qos: 2 });
			await subscriber.next(({ topic }) => topic === "ring/end");
			const got = subscriber.received.map(({ topic, text }) => `${topic} ${text}`);
			expect(got).toEqual([...[0, 1, 2].flatMap((qos) => [`ring/${qos} x`, `ring/${qos} y`]), "ring/end end"]);
			expect(broker.broker.retained("ring/#").map(({ topic }) => topic)).toEqual(["ring/0", "ring/1", "ring/2"]);
		});

		describe.each(versions)("$name", ({ options }) => {
			/** A session that outlives its connection, in the words of each version. */
			const lasting = (clientId: string): IClientOptions => ({
				...options,
				clientId,
				clean: false,
				...(options.protocolVersion === 5 ? { properties: { sessionExpiryInterval: 3_600 } } : {}),
			});

			test.each(levels)("delivers a message with QoS %d once", async (qos) => {
				const subscriber = await open(options);
				await subscriber.mqtt.subscribeAsync("home/+/light", { qos });
				const publisher = await open(options);
				await publisher.mqtt.publishAsync("home/kitchen/light", "on", { qos });
				await publisher.mqtt.publishAsync("home/kitchen/light", "last", { qos });
				const got = await subscriber.count(2);
				expect(got.map(({ text, qos, retain }) => [text, qos, retain])).toEqual([
					["on", qos, false],
					["last", qos, false],
				]);
			});

			test.each([
				[0, 2, 0],
				[1, 2, 1],
				[2, 0, 0],
				[2, 1, 1],
			] as const)(
				"delivers what was published with QoS %d to a subscription with QoS %d with QoS %d",
				async (published, subscribed, delivered) => {
					const client = await open(options);
					await client.mqtt.subscribeAsync("t", { qos: subscribed });
					await client.mqtt.publishAsync("t", "x", { qos: published });
					expect((await client.next()).qos).toBe(delivered);
				},
			);

			test("keeps the last retained message of a topic and clears it with an empty one", async () => {
				const publisher = await open(options);
				await publisher.mqtt.publishAsync("r/1", "old", { qos: 1, retain: true });
				await publisher.mqtt.publishAsync("r/1", "new", { qos: 1, retain: true });
				await publisher.mqtt.publishAsync("r/2", "gone", { qos: 1, retain: true });
				await publisher.mqtt.publishAsync("r/2", "", { qos: 1, retain: true });
				const subscriber = await open(options);
				await subscriber.mqtt.subscribeAsync("r/#", { qos: 1 });
				await publisher.mqtt.publishAsync("r/end", "end", { qos: 1 });
				await subscriber.next(({ topic }) => topic === "r/end");
				expect(subscriber.received.map(({ topic, text, retain }) => [topic, text, retain])).toEqual([
					["r/1", "new", true],
					["r/end", "end", false],
				]);
			});

			test("sends the will when a client is lost, and not when it disconnects", async () => {
				const watcher = await open(options);
				await watcher.mqtt.subscribeAsync("status/+", { qos: 1 });
				const will = (id: string) => ({
					topic: `status/${id}`,
					payload: Buffer.from("offline"),
					qos: 1 as const,
					retain: true,
				});
				const polite = await open({ ...options, clientId: "polite", will: will("polite") });
				await polite.close();
				const lost = await open({ ...options, clientId: "lost", will: will("lost") });
				await lost.drop();
				const first = await watcher.next();
				expect([first.topic, first.text]).toEqual(["status/lost", "offline"]);
				const late = await open(options);
				await late.mqtt.subscribeAsync("status/#");
				expect((await late.next()).retain).toBe(true);
				expect(watcher.received).toHaveLength(1);
			});

			test("matches + to one level, also an empty one, and # to all below and the parent", async () => {
				const client = await open(options);
				const filters = ["one/+", "all/#", "+/middle/+"];
				for (const filter of filters) await client.mqtt.subscribeAsync(filter);
				const topics = ["one/a", "one/", "one/a/b", "one", "all", "all/", "all/x/y", "/middle/", "x/middle", "$SYS/x"];
				// Clients may not publish below $SYS: MQTT 5 says so, the others hear nothing of it.
				for (const topic of topics) await client.mqtt.publishAsync(topic, "x", { qos: 1 }).catch(() => {});
				await client.mqtt.publishAsync("all/end", "x", { qos: 1 });
				await client.next(({ topic }) => topic === "all/end");
				const got = client.received.map(({ topic }) => topic);
				expect(got).toEqual(["one/a", "one/", "all", "all/", "all/x/y", "/middle/", "all/end"]);
			});

			test("stops delivering after unsubscribe", async () => {
				const client = await open(options);
				await client.mqtt.subscribeAsync(["gone", "stays"]);
				await client.mqtt.unsubscribeAsync("gone");
				await client.mqtt.publishAsync("gone", "x", { qos: 1 });
				await client.mqtt.publishAsync("stays", "x", { qos: 1 });
				expect((await client.next()).topic).toBe("stays");
			});

			test("keeps subscriptions and messages of a session that outlives its connection", async () => {
				const first = await open(lasting("sleeper"));
				await first.mqtt.subscribeAsync("mail/#", { qos: 2 });
				await first.close();
				const publisher = await open(options);
				for (const text of ["one", "two", "three"]) await publisher.mqtt.publishAsync("mail/a", text, { qos: 1 });
				await publisher.mqtt.publishAsync("mail/b", "exactly", { qos: 2 });
				const again = await open(lasting("sleeper"));
				const got = await again.count(4);
				expect(got.map(({ text, qos }) => [text, qos])).toEqual([
					["one", 1],
					["two", 1],
					["three", 1],
					["exactly", 2],
				]);
			});

			test("forgets a session that is to end with its connection", async () => {
				const first = await open({ ...options, clientId: "brief", clean: true });
				await first.mqtt.subscribeAsync("mail", { qos: 1 });
				await first.close();
				const publisher = await open(options);
				await publisher.mqtt.publishAsync("mail", "missed", { qos: 1 });
				const again = await open({ ...options, clientId: "brief", clean: true });
				await again.mqtt.subscribeAsync("mail", { qos: 1 });
				await publisher.mqtt.publishAsync("mail", "seen", { qos: 1 });
				expect((await again.next()).text).toBe("seen");
			});

			test("ends the older of two connections with one client id", async () => {
				const older = await open({ ...options, clientId: "twin" });
				const ended = new Promise<void>((resolve) => older.mqtt.once("close", () => resolve()));
				const newer = await open({ ...options, clientId: "twin" });
				await ended;
				await newer.mqtt.subscribeAsync("t");
				await newer.mqtt.publishAsync("t", "alive", { qos: 1 });
				expect((await newer.next()).text).toBe("alive");
				const ids = judged.brokers.flatMap((one) => one.broker.clients().map(({ id }) => id));
				expect(ids).toEqual(["twin"]);
			});

			test("carries a payload of every byte unchanged, and one of 200 kB", async () => {
				const client = await open(options);
				await client.mqtt.subscribeAsync("bytes", { qos: 1 });
				const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
				const big = Buffer.alloc(200_000, 7);
				await client.mqtt.publishAsync("bytes", bytes, { qos: 1 });
				await client.mqtt.publishAsync("bytes", big, { qos: 1 });
				const [first, second] = await client.count(2);
				expect(first?.packet.payload).toEqual(bytes);
				expect(big.equals(second?.packet.payload as Buffer)).toBe(true);
			});
		});

		test("a burst of QoS 1 for a client that reads arrives whole", async () => {
			const subscriber = await open({ protocolVersion: 4 });
			await subscriber.mqtt.subscribeAsync("burst", { qos: 1 });
			const local = broker.broker.localClient("flow");
			for (let at = 0; at < 3_000; at++)
				local.publish({ topic: "burst", payload: Buffer.from(`${at}`), qos: 1, retain: false });
			const got = await subscriber.count(3_000);
			expect(got.map(({ text }) => Number(text))).toEqual(Array.from({ length: 3_000 }, (_, at) => at));
		});

		test("carries the properties of MQTT 5 from publisher to subscriber", async () => {
			const client = await open({ protocolVersion: 5 });
			await client.mqtt.subscribeAsync("p", { qos: 1 });
			const properties = {
				payloadFormatIndicator: true,
				messageExpiryInterval: 60,
				responseTopic: "answer/here",
				correlationData: Buffer.from("42"),
				contentType: "text/plain",
				userProperties: { room: "kitchen", tag: ["a", "b"] },
			};
			await client.mqtt.publishAsync("p", "x", { qos: 1, properties });
			const { packet } = await client.next();
			expect(packet.properties).toMatchObject({ ...properties, userProperties: properties.userProperties });
		});

		test("tells an MQTT 5 client that another connection took over (0x8E)", async () => {
			const older = await open({ protocolVersion: 5, clientId: "twin" });
			const told = new Promise<number | undefined>((resolve) =>
				older.mqtt.once("disconnect", ({ reasonCode }) => resolve(reasonCode)),
			);
			await open({ protocolVersion: 5, clientId: "twin" });
			expect(await told).toBe(0x8e);
		});

		test("tells an MQTT 5 client that the broker stops (0x8B)", async () => {
			const client = await open({ protocolVersion: 5 });
			const told = new Promise<number | undefined>((resolve) =>
				client.mqtt.once("disconnect", ({ reasonCode }) => resolve(reasonCode)),
			);
			await Promise.all(judged.brokers.map((one) => one.broker.stop()));
			expect(await told).toBe(0x8b);
		});

		test("ends a connection that breaks the protocol, and serves the others", async () => {
			const healthy = await open({ protocolVersion: 5 });
			await healthy.mqtt.subscribeAsync("t");
			for (const bytes of ["ff", "3000", "10ffffffffff", "100c00044d5154540902003c0000"]) {
				const socket = connectTcp(broker.port, "127.0.0.1");
				const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
				socket.on("error", () => {});
				socket.resume();
				socket.write(Buffer.from(bytes, "hex"));
				await closed;
			}
			await healthy.mqtt.publishAsync("t", "still here", { qos: 1 });
			expect((await healthy.next()).text).toBe("still here");
		});

		test("publishes from this process to clients over the network, and the other way round", async () => {
			const local = broker.broker.localClient("flow");
			const client = await open({ protocolVersion: 5 });
			await client.mqtt.subscribeAsync("to/client", { qos: 2 });
			const arrived = new Promise<string>((resolve) => {
				local.subscribe(["to/#"], {}, ({ topic, payload }) => {
					if (topic === "to/flow") resolve(payload.toString());
				});
			});
			await new Promise<void>((resolve, reject) =>
				local.publish({ topic: "to/client", payload: Buffer.from("hello"), qos: 2, retain: false }, (error) =>
					error ? reject(error) : resolve(),
				),
			);
			const got = await client.next();
			expect([got.text, got.qos]).toEqual(["hello", 2]);
			await client.mqtt.publishAsync("to/flow", "back", { qos: 1 });
			expect(await arrived).toBe("back");
		});
	});
}
