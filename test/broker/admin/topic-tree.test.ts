import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { TopicTree, topicTreeLimits } from "../../../broker/admin/topic-tree";
import type { Message } from "../../../broker/message";
import { startBroker, type TestBroker } from "../../helpers/broker";
import { connect } from "../../helpers/mqtt-client";

describe("the tree of topics", () => {
	let broker: TestBroker;
	let tree: TopicTree;

	beforeEach(async () => {
		// What the broker tells of itself would be among the topics.
		broker = await startBroker({ sysInterval: 0 });
		tree = new TopicTree(broker.broker);
	});
	afterEach(async () => {
		tree.stop();
		await broker[Symbol.asyncDispose]();
	});

	function publish(topic: string, payload: string | Buffer = "x", retain = false): Promise<void> {
		const message: Message = { topic, payload: Buffer.from(payload), qos: 1, retain };
		return new Promise((resolve, reject) => {
			broker.broker.localClient("test").publish(message, (error) => (error ? reject(error) : resolve()));
		});
	}
	const names = (since?: string, most = 1_000) => tree.changes(since, most).topics.map(({ topic }) => topic);
	const listening = () => broker.broker.events.listenerCount("published");

	test("costs nothing until somebody looks, and begins with what is retained", async () => {
		await publish("before/kept", "1", true);
		await publish("before/passed");
		expect(listening()).toBe(0);
		const { restart, topics, more } = tree.changes(undefined, 1_000);
		expect({ restart, more }).toEqual({ restart: true, more: false });
		expect(topics).toMatchObject([{ topic: "before/kept", payload: "1", retained: true, at: null, count: 0 }]);
		expect(listening()).toBe(1);
	});

	test("tells with a cursor only what has changed since", async () => {
		const { cursor } = tree.changes(undefined, 1_000);
		await publish("a");
		await publish("b");
		const first = tree.changes(cursor, 1_000);
		expect(first.topics.map(({ topic }) => topic)).toEqual(["a", "b"]);
		expect(first.restart).toBe(false);
		expect(names(first.cursor)).toEqual([]);
		await publish("a", "again");
		expect(tree.changes(first.cursor, 1_000).topics).toMatchObject([{ topic: "a", payload: "again", count: 2 }]);
	});

	test("tells many changes in parts, each topic once", async () => {
		tree.changes(undefined, 1_000);
		for (let n = 0; n < 5; n++) await publish(`topic/${n}`);
		const seen: string[] = [];
		let cursor: string | undefined;
		for (;;) {
			const part = tree.changes(cursor, 2);
			seen.push(...part.topics.map(({ topic }) => topic));
			cursor = part.cursor;
			if (!part.more) break;
		}
		expect(seen).toEqual([0, 1, 2, 3, 4].map((n) => `topic/${n}`));
	});

	test("says who has published, and what is not text in base64", async () => {
		tree.changes(undefined, 1_000);
		const client = await connect(broker.url, { clientId: "sensor" });
		await client.mqtt.publishAsync("raw", Buffer.from([0xff, 0]), { qos: 1 });
		expect(tree.topic("raw")).toMatchObject({ from: "sensor", encoding: "base64", payload: "/wA=", size: 2, qos: 1 });
		await client.close();
	});

	test("shows the beginning of a long payload in the list, and more of it for one topic", async () => {
		tree.changes(undefined, 1_000);
		await publish("long", "x".repeat(10_000));
		const [view] = tree.changes(undefined, 1_000).topics;
		expect(view).toMatchObject({ size: 10_000, truncated: true });
		expect(view?.payload.length).toBeLessThan(200);
		expect(tree.topic("long")?.payload).toHaveLength(topicTreeLimits.payload);
		expect(tree.topic("short")).toBeUndefined();
	});

	test("follows no more topics than it may, and says that there are others", async () => {
		const small = new TopicTree(broker.broker, { ...topicTreeLimits, topics: 2 });
		small.changes(undefined, 10);
		for (const topic of ["a", "b", "c", "a"]) await publish(topic);
		expect(small.changes(undefined, 10)).toMatchObject({
			total: 2,
			ignored: 1,
			topics: [{ topic: "b" }, { topic: "a" }],
		});
		small.stop();
	});

	test("keeps within its bytes, whatever comes", async () => {
		const small = new TopicTree(broker.broker, { ...topicTreeLimits, bytes: 1_000 });
		small.changes(undefined, 10);
		await publish("a", "x".repeat(700));
		await publish("b", "x".repeat(700));
		await publish("a", "y".repeat(900));
		const kept = ["a", "b"].map((topic) => small.topic(topic)?.payload.length ?? 0);
		expect(kept[0]).toBeGreaterThan(700);
		expect((kept[0] as number) + (kept[1] as number)).toBeLessThan(1_000);
		small.stop();
	});

	test("forgets everything when nobody looks any more, and starts anew for who looks again", async () => {
		const { cursor } = tree.changes(undefined, 1_000);
		await publish("a");
		tree.stop();
		expect(listening()).toBe(0);
		await publish("b");
		expect(tree.changes(cursor, 1_000)).toMatchObject({ restart: true, topics: [] });
	});

	test("lets go by itself after a while", async () => {
		const quick = new TopicTree(broker.broker, { ...topicTreeLimits, lease: 1 });
		quick.changes(undefined, 10);
		expect(listening()).toBe(1);
		await new Promise((resolve) => broker.broker.events.once("removeListener" as never, resolve as never));
		expect(listening()).toBe(0);
	});
});
