/** Attacks on memory by clients that are logged in. */

import { describe, expect, test } from "@jest/globals";
import { generate, type Packet } from "mqtt-packet";
import { RawClient, type Version } from "../../helpers/raw-client";
import { onEachEngine, publish, subscribe } from "./arena";

const KILO_64 = Buffer.alloc(65_536, 1);
const versions = [4, 5] as const;

/** A session that outlives its connection. */
const lasting = (version: Version, clientId: string) => ({
	clientId,
	clean: false,
	...(version === 5 ? { properties: { sessionExpiryInterval: 3_600 } } : {}),
});

onEachEngine((arena) => {
	describe("slow readers", () => {
		test("M6 a frozen subscriber does not delay the others, and loses QoS 0 messages only", async () => {
			await using attacked = await arena();
			let dropped = 0;
			attacked.broker.events.on("dropped", ({ id }, count) => {
				if (id === "frozen") dropped += count;
			});
			const [frozen, healthy, publisher] = await Promise.all(
				["frozen", "healthy", "publisher"].map((clientId) => RawClient.login(attacked.port, 4, { clientId })),
			);
			if (!frozen || !healthy || !publisher) throw new Error("not connected");
			for (const one of [frozen, healthy]) {
				one.send(subscribe(1, "big"));
				await one.expect("suback");
			}
			frozen.freeze();
			const batch = Array.from({ length: 10 }, () => publish("big", 0, { payload: KILO_64 }));
			for (let sent = 10; sent <= 400; sent += 10) {
				publisher.send(...batch);
				await healthy.count("publish", sent);
				healthy.inbox.length = 0;
			}
			expect(frozen.counts.publish).toBeUndefined();
			expect(attacked.departures).toEqual([]);
			const waiting = attacked.broker.clients().find(({ id }) => id === "frozen")?.traffic;
			expect((waiting?.messagesOut ?? 0) + dropped).toBe(400);
			// What the operating system took, and what waits in the broker: 1 MB of 26.
			expect(waiting?.bytesOut).toBeLessThan(13_000_000);
			await attacked.serves();
		});

		test("M6 a subscriber that is frozen while QoS 1 messages come is disconnected", async () => {
			await using attacked = await arena();
			const frozen = await RawClient.login(attacked.port, 5, { clientId: "frozen" });
			frozen.send(subscribe(1, "big"));
			await frozen.expect("suback");
			frozen.freeze();
			const publisher = await RawClient.login(attacked.port, 4);
			for (let sent = 1; attacked.departures.length === 0; sent++) {
				publisher.send(publish("big", 1, { payload: KILO_64 }));
				await publisher.count("puback", sent);
				expect(sent).toBeLessThan(400);
			}
			expect(await attacked.departure("frozen")).toBe("reads too slowly: too many bytes wait for it");
			await attacked.serves();
		});

		test("M6 a burst of large messages reaches a subscriber that reads", async () => {
			await using attacked = await arena();
			const healthy = await RawClient.login(attacked.port, 4, { clientId: "healthy" });
			healthy.send(subscribe(1, "big"));
			await healthy.expect("suback");
			const publisher = await RawClient.login(attacked.port, 4);
			publisher.send(...Array.from({ length: 60 }, () => publish("big", 1, { payload: KILO_64 })));
			await healthy.count("publish", 60);
			expect(attacked.departures).toEqual([]);
		});
	});

	describe("what is kept for later", () => {
		test.each(versions)(
			"M7 of 20,000 messages for a client that is away the first 1,000 are kept (MQTT level %d)",
			async (version) => {
				await using attacked = await arena({ inflight: 1_000 });
				const full: unknown[][] = [];
				attacked.broker.events.on("queueFull", (...drop) => full.push(drop));
				const sleeper = await RawClient.login(attacked.port, version, lasting(version, "sleeper"));
				sleeper.send(subscribe(1, "news"));
				await sleeper.expect("suback");
				sleeper.drop();
				await attacked.departure("sleeper");
				const publisher = await RawClient.login(attacked.port, version);
				for (let sent = 0; sent < 20_000; sent += 1_000) {
					publisher.send(
						...Array.from({ length: 1_000 }, (_, at) =>
							publish("news", 1, { messageId: at + 1, payload: `${sent + at}` }),
						),
					);
					await publisher.count("puback", sent + 1_000);
					await attacked.serves();
				}
				expect(attacked.broker.metrics().publish.dropped.queueFull).toBe(19_000);
				expect(full[0]).toEqual(["sleeper", "session", 1]);
				expect(full.length).toBeLessThan(10);
				const back = await RawClient.login(attacked.port, version, lasting(version, "sleeper"));
				await back.count("publish", 1_000);
				await back.ping();
				expect(back.counts.publish).toBe(1_000);
				expect(payloads(back).slice(0, 3)).toEqual(["0", "1", "2"]);
				expect(payloads(back).at(-1)).toBe("999");
			},
		);

		test("M7 a queue larger than the buffer of a client reaches it, however late it begins to read", async () => {
			await using attacked = await arena({ clientBuffer: 65_536, inflight: 1_000 });
			const sleeper = await RawClient.login(attacked.port, 4, lasting(4, "sleeper"));
			sleeper.send(subscribe(1, "news"));
			await sleeper.expect("suback");
			sleeper.drop();
			await attacked.departure("sleeper");
			const publisher = await RawClient.login(attacked.port, 4);
			for (let sent = 1; sent <= 120; sent++) {
				publisher.send(publish("news", 1, { payload: KILO_64 }));
				await publisher.count("puback", sent);
			}
			const back = await RawClient.login(attacked.port, 4, lasting(4, "sleeper"));
			back.freeze();
			for (let round = 0; round < 200; round++) await attacked.serves();
			back.socket.resume();
			await back.count("publish", 120);
			await back.ping();
			expect(attacked.departures.map(({ id }) => id)).toEqual(["sleeper"]);
		});

		test("M8 an MQTT 5 client that releases nothing is stopped at the receive maximum it was told", async () => {
			await using attacked = await arena({ unreleased: 100 });
			const client = await RawClient.open(attacked.port, 5);
			client.send(generate({ ...connectOf("hoarder"), protocolVersion: 5 } as Packet));
			expect((await client.expect("connack")).properties?.receiveMaximum).toBe(100);
			for (let id = 1; id <= 100; id++) client.send(publish("t", 2, { messageId: id }));
			await client.count("pubrec", 100);
			client.send(publish("t", 2, { messageId: 101 }));
			expect(await client.expect("disconnect")).toMatchObject({ reasonCode: 0x93 });
			expect(await attacked.departure("hoarder")).toMatch(/^sent more QoS 2 messages without releasing them/);
			await attacked.serves();
		});

		test("M8 of an MQTT 3.1.1 client that releases nothing only the packet identifiers are kept", async () => {
			await using attacked = await arena();
			const client = await RawClient.login(attacked.port, 4, { clientId: "hoarder" });
			for (let id = 1; id <= 3_000; id += 100) {
				client.send(
					...Array.from({ length: 100 }, (_, at) =>
						publish("t", 2, { messageId: id + at, payload: KILO_64.subarray(0, 10_000) }),
					),
				);
				await client.count("pubrec", id + 99);
				await attacked.serves();
			}
			client.drop();
			await attacked.departure("hoarder");
		});

		test("M7 many clients that are away share a bounded memory, and leave enough for those who are here", async () => {
			await using attacked = await arena({ allQueuedBytes: 1_000_000 });
			const full: unknown[][] = [];
			attacked.broker.events.on("queueFull", (...drop) => full.push(drop));
			for (let sleeper = 0; sleeper < 20; sleeper++) {
				const client = await RawClient.login(attacked.port, 5, lasting(5, `sleeper-${sleeper}`));
				client.send(subscribe(1, `news/${sleeper}`));
				await client.expect("suback");
				client.drop();
				await attacked.departure(`sleeper-${sleeper}`);
			}
			const here = await RawClient.login(attacked.port, 5, lasting(5, "here"));
			here.send(subscribe(1, "news/#"));
			await here.expect("suback");
			const publisher = await RawClient.login(attacked.port, 5);
			const payload = "x".repeat(10_000);
			for (let sent = 1; sent <= 200; sent++) {
				publisher.send(publish(`news/${sent % 20}`, 1, { messageId: sent, payload }));
				const { messageId } = await here.expect("publish");
				here.send({ cmd: "puback", messageId: messageId as number });
			}
			await here.ping();
			const { queued, publish: messages } = attacked.broker.metrics();
			expect(queued.bytes).toBeLessThanOrEqual(750_000);
			expect(queued.messages).toBeGreaterThan(50);
			expect(messages.dropped).toEqual({ slowClient: 0, queueFull: 0, memoryFull: 200 - queued.messages });
			expect(full[0]).toEqual([expect.stringContaining("sleeper-"), "all", 1]);
		});

		test("M9 retained messages are bounded in number and in bytes, with their properties", async () => {
			await using attacked = await arena({ retainedMessages: 100, retainedBytes: 1_000_000 });
			const full: string[] = [];
			attacked.broker.events.on("retainedFull", (topic) => full.push(topic));
			const client = await RawClient.login(attacked.port, 5);
			for (let at = 0; at < 1_000; at++) client.send(publish(`r/${at}`, 0, { retain: true }));
			await client.ping();
			expect(attacked.broker.retained("r/#")).toHaveLength(100);
			expect(attacked.broker.metrics().retained.refused).toBe(900);
			expect(full[0]).toBe("r/100");
			expect(full.length).toBeLessThan(10);
			for (let at = 0; at < 1_000; at++) client.send(publish(`r/${at}`, 0, { retain: true, payload: "" }));
			const properties = { userProperties: { name: "v".repeat(60_000) } };
			for (let at = 0; at < 100; at++) client.send(publish(`p/${at}`, 0, { retain: true, properties }));
			await client.ping();
			expect(attacked.broker.retained("#")).toHaveLength(16);
			await attacked.serves();
		});

		test("M9 a small retained message does not keep the large ones around it in memory", async () => {
			await using attacked = await arena();
			const client = await RawClient.login(attacked.port, 5);
			const properties = { correlationData: Buffer.from("c") };
			for (let at = 0; at < 50; at++) {
				client.send(publish("big", 0, { payload: KILO_64 }), publish(`small/${at}`, 0, { retain: true, properties }));
			}
			await client.ping();
			const kept = attacked.broker.retained("small/#");
			const bytes = kept.flatMap(({ payload, properties: { correlationData } = {} }) => [
				payload,
				correlationData ?? payload,
			]);
			expect(bytes.map(({ buffer }) => buffer.byteLength)).toEqual(new Array(100).fill(1));
		});

		test("M9 all retained messages reach a subscriber, also when they are more than may wait for it", async () => {
			await using attacked = await arena({ clientBuffer: 65_536 });
			const client = await RawClient.login(attacked.port, 4);
			for (let at = 0; at < 120; at++) client.send(publish(`r/${at}`, 0, { retain: true, payload: KILO_64 }));
			await client.ping();
			const reader = await RawClient.login(attacked.port, 4, { clientId: "late" });
			reader.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "r/#", qos: 0 }] });
			await reader.expect("suback");
			reader.freeze();
			for (let round = 0; round < 200; round++) await attacked.serves();
			reader.socket.resume();
			await reader.count("publish", 120);
			expect(attacked.departures).toEqual([]);
		});
	});
});

function payloads(client: RawClient): string[] {
	return client.inbox.flatMap((packet) => (packet.cmd === "publish" ? [packet.payload.toString()] : []));
}

function connectOf(clientId: string) {
	return { cmd: "connect", protocolId: "MQTT", clean: true, keepalive: 0, clientId };
}
