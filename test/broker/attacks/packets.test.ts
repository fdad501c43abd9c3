/** Packets that MQTT allows and that cost a lot. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import { RawClient } from "../../helpers/raw-client";
import { props, raw } from "../wire/raw-packet";
import { onEachEngine, publish, subscribe } from "./arena";

const versions = [4, 5] as const;

onEachEngine((arena) => {
	describe.each(versions)("SUBSCRIBE (MQTT level %d)", (version) => {
		const tooMany = version === 5 ? 0x97 : 0x80;

		test("M10 of 10,000 filters in one packet a client gets 1,000, and an answer for each", async () => {
			await using attacked = await arena();
			const client = await RawClient.login(attacked.port, version, { clientId: "greedy" });
			client.send(subscribe(1, ...Array.from({ length: 10_000 }, (_, at) => `f/${at}`)));
			for (let round = 0; round < 20; round++) await attacked.serves();
			const { granted } = await client.expect("suback");
			expect(granted).toEqual([...new Array(1_000).fill(1), ...new Array(9_000).fill(tooMany)]);
			client.send(subscribe(2, "another", "f/7"));
			expect((await client.expect("suback")).granted).toEqual([tooMany, 1]);
			client.send({ cmd: "unsubscribe", messageId: 3, unsubscriptions: ["f/7"] }, subscribe(4, "another"));
			expect((await client.expect("suback")).granted).toEqual([1]);
			expect(attacked.broker.clients().find(({ id }) => id === "greedy")?.subscriptions).toHaveLength(1_000);
		});

		test("M10 the bound also holds for a session that comes back", async () => {
			await using attacked = await arena({ subscriptions: 2 });
			const properties = version === 5 ? { properties: { sessionExpiryInterval: 60 } } : {};
			const fields = { clientId: "back", clean: false, ...properties };
			const first = await RawClient.login(attacked.port, version, fields);
			first.send(subscribe(1, "a", "b", "c"));
			expect((await first.expect("suback")).granted).toEqual([1, 1, tooMany]);
			first.drop();
			await attacked.departure("back");
			const again = await RawClient.login(attacked.port, version, fields);
			again.send(subscribe(1, "c", "b"));
			expect((await again.expect("suback")).granted).toEqual([tooMany, 1]);
		});

		test("M10 a filter that stands twice is answered twice, and the last one counts", async () => {
			await using attacked = await arena();
			const client = await RawClient.login(attacked.port, version, { clientId: "twice" });
			const told: unknown[] = [];
			attacked.broker.events.on("subscribed", (_client, subscriptions) => told.push(subscriptions));
			const subscriptions = (["b", "2", "1", "b", "__proto__"] as const).map((topic, at) => ({
				topic,
				qos: ([0, 1, 2, 2, 1] as const)[at] ?? 0,
			}));
			client.send({ cmd: "subscribe", messageId: 9, subscriptions });
			expect(await client.expect("suback")).toMatchObject({ messageId: 9, granted: [0, 1, 2, 2, 1] });
			expect(told).toEqual([subscriptions.map(({ topic: filter, qos }) => ({ filter, qos }))]);
			client.send(publish("b", 2));
			expect((await client.expect("publish")).qos).toBe(2);
			await client.ping();
			expect(client.inbox.filter(({ cmd }) => cmd === "publish")).toEqual([]);
		});

		test("P9 a SUBSCRIBE right behind PUBLISH packets of several QoS waits for them", async () => {
			await using attacked = await arena();
			const client = await RawClient.login(attacked.port, version);
			const ids = Array.from({ length: 20 }, (_, at) => at + 1);
			const all = [publish("a"), publish("a", 1), publish("a"), publish("a", 0, { retain: true }), publish("a", 1)];
			client.send(...ids.flatMap((id) => [...all, subscribe(id, "a", "b")]));
			await client.count("suback", 20);
			await client.ping();
			const answers = client.inbox.flatMap((packet) =>
				packet.cmd === "suback" ? [[packet.messageId, packet.granted]] : [],
			);
			expect(answers).toEqual(ids.map((id) => [id, [1, 1]]));
			await attacked.serves();
		});

		test("M10 the same filter again and again, with many retained messages behind it, keeps nobody else waiting", async () => {
			await using attacked = await arena();
			const client = await RawClient.login(attacked.port, version, { clientId: "again" });
			const payload = "x".repeat(200);
			client.send(...Array.from({ length: 2_000 }, (_, at) => publish(`r/${at}`, 0, { retain: true, payload })));
			await client.ping();
			client.freeze();
			for (let id = 1; id <= 200; id++) client.send(subscribe(id, "#", "#"));
			for (let round = 0; round < 200; round++) await attacked.serves();
			// What it asked for comes only as fast as it reads: most of it still waits, and is not even looked up.
			const sent = attacked.broker.clients().find(({ id }) => id === "again")?.traffic.messagesOut ?? 0;
			expect(sent).toBeLessThan(400_000);
			client.drop();
			await attacked.departure("again");
			await attacked.serves();
		});

		test("M10 a filter that may not be subscribed is refused, and the others of its packet are granted", async () => {
			await using attacked = await arena({ subscriptions: 2 });
			const client = await RawClient.login(attacked.port, version);
			client.send(subscribe(1, "a", "b", "c"));
			const { granted } = await client.expect("suback");
			expect(granted).toEqual([1, 1, version === 5 ? 0x97 : 0x80]);
		});
	});

	describe("topics", () => {
		test.each(versions)("M11 a topic of 65,535 bytes is delivered (MQTT level %d)", async (version) => {
			await using attacked = await arena();
			const client = await RawClient.login(attacked.port, version);
			client.send(subscribe(1, "#"));
			await client.expect("suback");
			const topic = "t".repeat(65_535);
			client.send(publish(topic, 1));
			expect((await client.expect("publish")).topic).toBe(topic);
			await attacked.serves();
		});

		test("M11 topics that nobody will name again are not remembered", async () => {
			await using attacked = await arena();
			const client = await RawClient.login(attacked.port, 4);
			const collect = garbageCollector();
			collect();
			const before = process.memoryUsage().heapUsed;
			for (let at = 0; at < 1_500; at++) {
				client.send(publish(`${at}${"t".repeat(60_000)}`, 0, { payload: "" }));
				if (at % 10 === 0) await client.ping();
			}
			await client.ping();
			// 90 MB of topics.
			collect();
			expect(process.memoryUsage().heapUsed - before).toBeLessThan(30_000_000);
			await attacked.serves();
		});

		test("M11 a topic or filter with more than 100 levels closes the connection", async () => {
			await using attacked = await arena();
			const deep = "/".repeat(100);
			const publisher = await RawClient.login(attacked.port, 5, { clientId: "publisher" });
			publisher.send(publish(deep));
			expect(await publisher.expect("disconnect")).toMatchObject({ reasonCode: 0x90 });
			expect(await attacked.departure("publisher")).toBe("A topic name has more levels than this broker accepts.");
			const subscriber = await RawClient.login(attacked.port, 5, { clientId: "subscriber" });
			subscriber.send(subscribe(1, deep));
			expect(await subscriber.expect("disconnect")).toMatchObject({ reasonCode: 0x8f });
			expect(await attacked.departure("subscriber")).toBe("A topic filter has more levels than this broker accepts.");
			const old = await RawClient.login(attacked.port, 4);
			old.send(publish(deep));
			await old.closed();
			await attacked.serves();
		});
	});

	describe("properties", () => {
		const userProperties = (count: number) => props(Array.from({ length: count }, () => [0x26, "n", "v"]));

		test.each([
			["thousands of user properties", 0x97, raw(0x30, "t", userProperties(5_000), "x")],
			["user properties over the bound in SUBSCRIBE", 0x97, raw(0x82, 0, 1, userProperties(101), "t", 0)],
			["a property length of five bytes", 0x81, raw(0x30, "t", [0x80, 0x80, 0x80, 0x80, 1], "x")],
			["a packet length of five bytes", 0x81, Buffer.from("30ffffffff01", "hex")],
			["topic alias 0", 0x94, raw(0x30, "t", props([0x23, 0, 0]), "x")],
			["a topic alias over the maximum", 0x94, raw(0x30, "t", props([0x23, 0xff, 0xff]), "x")],
			["a topic alias that was never set", 0x94, raw(0x30, "", props([0x23, 0, 1]), "x")],
			["a packet over the maximum", 0x95, Buffer.from("30ffffff7f", "hex")],
		])("M13 %s closes the connection", async (_name, reasonCode, packet) => {
			await using attacked = await arena();
			const client = await RawClient.login(attacked.port, 5, { clientId: "mallory" });
			client.send(packet);
			expect(await client.expect("disconnect")).toMatchObject({ reasonCode });
			await client.closed();
			expect(await attacked.departure("mallory")).not.toContain("the broker closed the connection");
			await attacked.serves();
		});

		test("M13 a CONNECT with thousands of user properties is refused", async () => {
			await using attacked = await arena();
			const client = await RawClient.open(attacked.port, 5);
			client.send(raw(0x10, "MQTT", 5, 2, 0, 0, userProperties(5_000), "mallory"));
			expect(await client.expect("connack")).toMatchObject({ reasonCode: 0x97 });
			expect(await attacked.refusal()).toBe("A packet has more user properties than this broker accepts.");
			await attacked.serves();
		});

		test("M13 a hundred user properties are delivered", async () => {
			await using attacked = await arena();
			const client = await RawClient.login(attacked.port, 5);
			client.send(subscribe(1, "t"));
			client.send(raw(0x30, "t", userProperties(100), "x"));
			const { properties } = await client.expect("publish");
			expect(properties?.userProperties).toEqual({ n: new Array(100).fill("v") });
		});
	});
});

/** V8's own, which only a new context shows. */
function garbageCollector(): () => void {
	setFlagsFromString("--expose-gc");
	return runInNewContext("gc") as () => void;
}
