/** How every store behaves. */

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ownSession, type Store, type StoreEvents, type StoreLimits } from "../../../broker/store/store";
import { entry, limits, message, subscription, Told, texts } from "./samples";

export interface Made {
	readonly store: Store;
	dispose(): PromiseLike<void>;
}

export type MakeStore = (limits: StoreLimits, events: StoreEvents, now: () => number) => Promise<Made>;

export function storeSuite(name: string, make: MakeStore): void {
	describe(`a store ${name}`, () => {
		const made: Made[] = [];
		let told: Told;
		let now: number;

		const opened = async (fields: Partial<StoreLimits> = {}): Promise<Store> => {
			const one = await make(limits(fields), told, () => now);
			made.push(one);
			await one.store.open();
			return one.store;
		};

		beforeEach(() => {
			told = new Told();
			now = 1_000_000;
		});

		afterEach(async () => {
			for (const { store, dispose } of made.splice(0)) {
				await store.close();
				await dispose();
			}
		});

		test("keeps the last message of each topic and finds it with filters", async () => {
			const store = await opened();
			store.retain(message("a/b", "old"));
			store.retain(message("a/b", "new"));
			store.retain(message("a/c", "c"));
			store.retain(message("$SYS/x", "sys"));
			expect(store.retainedCount).toBe(3);
			const found = (...filters: string[]) => store.retained(filters).map(({ payload }) => payload.toString());
			expect(found("a/+").sort()).toEqual(["c", "new"]);
			expect(found("a/b", "a/#").sort()).toEqual(["c", "new"]);
			expect(found("#").sort()).toEqual(["c", "new"]);
			expect(found("$SYS/#")).toEqual(["sys"]);
			expect(found("a/b/#")).toEqual(["new"]);
		});

		test("clears a topic with a message without payload", async () => {
			const store = await opened();
			store.retain(message("a", "x"));
			expect(store.retain(message("a", ""))).toBe(true);
			expect(store.retain(message("never there", ""))).toBe(true);
			expect(store.retained(["#"])).toEqual([]);
			expect([store.retainedCount, store.retainedBytes]).toEqual([0, 0]);
		});

		test("keeps a session of the broker's own apart from those of clients", async () => {
			const store = await opened({ queuedMessages: 1 });
			const own = ownSession("bridge");
			const dropped: string[] = [];
			store.keepSession(own, null, 60);
			store.boundQueue(own, {
				messages: 2,
				bytes: 1_000,
				drops: "oldest",
				dropped: ({ payload }) => dropped.push(payload.toString()),
			});
			store.subscribe(own, [subscription("t")]);
			expect(store.targets("t")).toEqual([]);
			for (const key of ["1", "2", "3"]) store.enqueue(own, entry(key));
			expect(texts(store.queue(own))).toEqual(["2", "3"]);
			expect([dropped, told.queue]).toEqual([["1"], []]);
			expect([store.queueLength(own), store.queuedCount, store.queuedBytes]).toEqual([2, 0, 0]);
			store.leaveSession(own);
			expect(store.absentees()).toEqual([]);
		});

		test("keeps no more retained messages and bytes than allowed, and tells which it did not keep", async () => {
			const store = await opened({ retainedMessages: 2, retainedBytes: 20 });
			expect(store.retain(message("a", "x"))).toBe(true);
			expect(store.retain(message("b", "x"))).toBe(true);
			expect(store.retain(message("c", "x"))).toBe(false);
			expect(store.retain(message("b", "y".repeat(30)))).toBe(false);
			expect(store.retain(message("b", "y"))).toBe(true);
			expect(told.retained).toEqual(["c", "b"]);
		});

		test("does not count what the broker tells of itself among the retained messages of clients", async () => {
			const store = await opened({ retainedMessages: 1, retainedBytes: 100 });
			for (const topic of ["$SYS/a", "$SYS/b", "$SYS/a"]) {
				expect(store.retain(message(topic, "x".repeat(200)))).toBe(true);
			}
			expect(store.retain(message("a", "x"))).toBe(true);
			expect(store.retain(message("b", "x"))).toBe(false);
			store.retain(message("$SYS/a", ""));
			store.retain(message("a", ""));
			expect(store.retain(message("b", "x"))).toBe(true);
			expect(told.retained).toEqual(["b"]);
		});

		test("gives no retained message whose time is over", async () => {
			const store = await opened();
			store.retain(message("a", "x", { expiresAt: now + 10 }));
			expect(store.retained(["a"])).toHaveLength(1);
			now += 10;
			expect(store.retained(["a"])).toEqual([]);
			expect(store.retainedCount).toBe(0);
		});

		test("knows whose a session is, until it is dropped", async () => {
			const store = await opened();
			expect(store.sessionUser("c")).toBeUndefined();
			store.keepSession("c", null, 60);
			expect(store.sessionUser("c")).toBeNull();
			store.keepSession("c", "ann", 60);
			expect([store.sessionUser("c"), store.hasSession("c")]).toEqual(["ann", true]);
			store.subscribe("c", [subscription("a")]);
			store.enqueue("c", entry("1"));
			store.receive("c", 5, 10);
			store.dropSession("c");
			expect([store.sessionUser("c"), store.hasSession("c")]).toEqual([undefined, false]);
			expect([store.subscriptions("c"), store.targets("a"), store.queue("c")]).toEqual([[], [], []]);
			expect(store.hasReceived("c", 5)).toBe(false);
		});

		test("tells how long each session still waits for its client", async () => {
			const store = await opened();
			store.keepSession("short", null, 60);
			store.keepSession("long", null, 0xffff_ffff);
			store.keepSession("here", null, 60);
			store.leaveSession("short", 30);
			store.leaveSession("long");
			store.leaveSession("unknown");
			now += 10_000;
			expect(store.absentees()).toEqual([
				{ clientId: "short", seconds: 20 },
				{ clientId: "long", seconds: 0xffff_ffff },
			]);
			store.keepSession("short", null, 60);
			now -= 1_000_000;
			expect(store.absentees().map(({ clientId }) => clientId)).toEqual(["long"]);
		});

		test("replaces a subscription to the same filter", async () => {
			const store = await opened();
			store.subscribe("c", [subscription("a", { qos: 2 }), subscription("b")]);
			store.subscribe("c", [subscription("a", { qos: 0, identifier: 7 })]);
			expect(store.subscriptions("c")).toContainEqual(subscription("a", { qos: 0, identifier: 7 }));
			expect(store.subscriptions("c")).toHaveLength(2);
			expect(store.targets("a")).toEqual([]);
			store.unsubscribe("c", ["b", "never"]);
			expect(store.targets("b")).toEqual([]);
			expect(store.subscriptions("c")).toHaveLength(1);
		});

		test("finds each session once for a topic, with the highest QoS", async () => {
			const store = await opened();
			store.subscribe("c", [subscription("a/+"), subscription("a/b", { qos: 2, identifier: 3 })]);
			store.subscribe("d", [subscription("a/b", { qos: 0 })]);
			expect(store.targets("a/b")).toEqual([
				{ clientId: "c", qos: 2, noLocal: false, retainAsPublished: false, identifier: 3 },
			]);
		});

		test("keeps a queue in order, also after some were sent again", async () => {
			const store = await opened();
			store.keepSession("c", null, 60);
			for (const key of ["1", "2", "3"]) expect(store.enqueue("c", entry(key))).toBe(true);
			expect(store.sent("c", "2", 7)).toBe(true);
			expect(store.sent("c", "unknown", 8)).toBe(false);
			expect(texts(store.queue("c"))).toEqual(["1", "2", "3"]);
			expect(store.queue("c").map(({ packetId }) => packetId)).toEqual([undefined, 7, undefined]);
		});

		test("frees a packet id when its message is acknowledged, or sent under another one", async () => {
			const store = await opened();
			store.keepSession("c", null, 60);
			store.enqueue("c", entry("1"));
			store.enqueue("c", entry("2"));
			store.sent("c", "1", 7);
			expect([store.mayUse("c", 7, "1"), store.mayUse("c", 7, "2")]).toEqual([true, false]);
			store.sent("c", "1", 8);
			expect(store.mayUse("c", 7, "2")).toBe(true);
			store.sent("c", "2", 7);
			expect(store.acknowledged("c", 8)?.key).toBe("1");
			expect(store.acknowledged("c", 8)).toBeUndefined();
			expect(texts(store.queue("c"))).toEqual(["2"]);
			expect(store.mayUse("c", 8, "2")).toBe(true);
		});

		test("remembers that the receiver has a QoS 2 message", async () => {
			const store = await opened();
			store.keepSession("c", null, 60);
			store.enqueue("c", entry("1", { qos: 2 }));
			store.sent("c", "1", 7);
			expect([store.released("c", 7), store.released("c", 8)]).toEqual([true, false]);
			expect(store.queue("c")[0]?.released).toBe(true);
		});

		test("drops the newest of a full queue by default, and tells", async () => {
			const store = await opened({ queuedMessages: 2 });
			store.keepSession("c", null, 60);
			expect(["1", "2", "3"].map((key) => store.enqueue("c", entry(key)))).toEqual([true, true, false]);
			expect(texts(store.queue("c"))).toEqual(["1", "2"]);
			expect(told.queue).toEqual(["c 3"]);
			expect(told.full).toEqual(["session"]);
		});

		test("drops the oldest that were not sent where that is wanted, and tells of each", async () => {
			const store = await opened({ queueDrops: "oldest", queuedMessages: 3, queuedBytes: 60 });
			store.keepSession("c", null, 60);
			for (const key of ["1", "2", "3"]) store.enqueue("c", entry(key));
			store.sent("c", "1", 1);
			expect(store.enqueue("c", entry("4"))).toBe(true);
			expect(texts(store.queue("c"))).toEqual(["1", "3", "4"]);
			expect(store.enqueue("c", entry("5".repeat(57)))).toBe(true);
			expect(told.queue).toEqual(["c 2", "c 3", "c 4"]);
			expect(store.enqueue("c", entry("6".repeat(100)))).toBe(false);
			expect(texts(store.queue("c"))).toEqual(["1", "5".repeat(57)]);
		});

		test("makes room with messages whose time is over before it drops others", async () => {
			const store = await opened({ queuedMessages: 2 });
			store.keepSession("c", null, 60);
			store.enqueue("c", entry("1", { expiresAt: now + 10 }));
			store.enqueue("c", entry("2"));
			now += 10;
			expect(store.enqueue("c", entry("3"))).toBe(true);
			expect(texts(store.queue("c"))).toEqual(["2", "3"]);
			expect(told.queue).toEqual([]);
		});

		test("gives no queued message whose time is over, unless it was sent", async () => {
			const store = await opened();
			store.keepSession("c", null, 60);
			store.enqueue("c", entry("1", { expiresAt: now + 10 }));
			store.enqueue("c", entry("2", { expiresAt: now + 10 }));
			store.sent("c", "2", 1);
			now += 10;
			expect(texts(store.queue("c"))).toEqual(["2"]);
		});

		test("hands out a queue message by message, oldest first, and knows what was sent", async () => {
			const store = await opened();
			store.keepSession("c", null, 60);
			expect([store.nextUnsent("c"), store.nextUnsent("nobody")]).toEqual([undefined, undefined]);
			for (const key of ["1", "2", "3"]) store.enqueue("c", entry(key));
			expect(store.nextUnsent("c")?.key).toBe("1");
			store.sent("c", "2", 7);
			store.sent("c", "1", 9);
			expect(store.inFlight("c").map(({ key, packetId }) => [key, packetId])).toEqual([
				["2", 7],
				["1", 9],
			]);
			expect(store.nextUnsent("c")?.key).toBe("3");
			store.sent("c", "3", 8);
			expect(store.nextUnsent("c")).toBeUndefined();
			store.acknowledged("c", 7);
			store.enqueue("c", entry("4"));
			expect([store.nextUnsent("c")?.key, store.queuedCount]).toEqual(["4", 3]);
			expect([store.discard("c", "4"), store.discard("c", "4")]).toEqual([true, false]);
			expect([store.nextUnsent("c"), store.queuedCount]).toEqual([undefined, 2]);
			store.enqueue("c", { ...entry("5"), packetId: 11 });
			expect(store.inFlight("c").map(({ key }) => key)).toEqual(["1", "3", "5"]);
		});

		test("does not hand out messages whose time is over", async () => {
			const store = await opened();
			store.keepSession("c", null, 60);
			store.enqueue("c", entry("1", { expiresAt: now + 10 }));
			store.enqueue("c", entry("2", { expiresAt: now + 20 }));
			store.enqueue("c", entry("3"));
			now += 10;
			expect(store.nextUnsent("c")?.key).toBe("2");
			now += 10;
			expect([store.nextUnsent("c")?.key, store.queuedCount]).toEqual(["3", 1]);
		});

		test("counts a payload once that waits for many sessions", async () => {
			const store = await opened();
			const shared = message("t", "x".repeat(10_000));
			for (let number = 0; number < 10; number++) {
				store.keepSession(`c${number}`, null, 60);
				store.enqueue(`c${number}`, { key: "k", message: { ...shared }, packetId: undefined, released: false });
			}
			expect(store.queuedCount).toBe(10);
			expect(store.queuedBytes).toBeGreaterThan(10_000);
			expect(store.queuedBytes).toBeLessThan(20_000);
			for (let number = 0; number < 9; number++) store.dropSession(`c${number}`);
			expect(store.queuedBytes).toBeGreaterThan(10_000);
			store.discard("c9", "k");
			expect([store.queuedCount, store.queuedBytes]).toEqual([0, 0]);
		});

		test("keeps the queues of all sessions together within bounds, and leaves some for those who are here", async () => {
			const store = await opened({ allQueuedBytes: 100_000 });
			const large = (key: string) => entry(key.padEnd(10_000, "."));
			for (const clientId of ["away", "here"]) store.keepSession(clientId, null, 60);
			store.leaveSession("away");
			for (let number = 0; number < 20; number++) store.enqueue("away", large(`a${number}`));
			expect(store.queue("away")).toHaveLength(7);
			expect(store.enqueue("here", large("h0"))).toBe(true);
			expect(store.enqueue("here", large("h1"))).toBe(true);
			expect(store.enqueue("here", large("h2"))).toBe(false);
			expect(store.queuedBytes).toBeLessThanOrEqual(100_000);
			expect(told.full).toEqual([...Array.from({ length: 13 }, () => "all"), "all"]);
			store.dropSession("away");
			expect(store.enqueue("here", large("h2"))).toBe(true);
		});

		test("drops the oldest of a session's own where that is wanted and all queues together are full", async () => {
			const store = await opened({ allQueuedBytes: 100_000, queueDrops: "oldest" });
			const large = (key: string) => entry(key.padEnd(10_000, "."));
			for (const clientId of ["many", "few"]) {
				store.keepSession(clientId, null, 60);
				store.leaveSession(clientId);
			}
			for (let number = 0; number < 20; number++) expect(store.enqueue("many", large(`m${number}`))).toBe(true);
			expect(store.queue("many").map(({ key }) => key.slice(0, 3))).toEqual(
				Array.from({ length: 7 }, (_, index) => `m${index + 13}`),
			);
			expect(store.enqueue("few", large("f"))).toBe(false);
			expect(told.full.every((full) => full === "all")).toBe(true);
		});

		test("takes a QoS 2 message once until it is released, and no more than allowed", async () => {
			const store = await opened();
			expect([store.receive("c", 1, 2), store.receive("c", 2, 2), store.receive("c", 3, 2)]).toEqual([
				true,
				true,
				false,
			]);
			expect([store.hasReceived("c", 1), store.hasReceived("c", 3)]).toEqual([true, false]);
			expect([store.release("c", 1), store.release("c", 1)]).toEqual([true, false]);
			expect(store.hasReceived("c", 1)).toBe(false);
		});
	});
}
