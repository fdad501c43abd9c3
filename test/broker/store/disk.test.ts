import { appendFile, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { DiskStore } from "../../../broker/store/disk";
import type { StoreLimits } from "../../../broker/store/store";
import { type TestFolder, testFolder } from "./folder";
import { entry, limits, message, subscription, Told, texts } from "./samples";
import { storeSuite } from "./store.suite";

storeSuite("on the disk", async (limits, events, now) => {
	const folder = await testFolder();
	return {
		store: new DiskStore(limits, events, { folder: folder.path, durability: "interval", now }),
		dispose: () => folder[Symbol.asyncDispose](),
	};
});

storeSuite("on the disk that syncs each group", async (limits, events, now) => {
	const folder = await testFolder();
	return {
		store: new DiskStore(limits, events, { folder: folder.path, durability: "each", now }),
		dispose: () => folder[Symbol.asyncDispose](),
	};
});

interface Opened extends AsyncDisposable {
	readonly store: DiskStore;
	readonly told: Told;
}

async function open({ path }: TestFolder, now?: () => number, fields: Partial<StoreLimits> = {}): Promise<Opened> {
	const told = new Told();
	const store = new DiskStore(limits(fields), told, { folder: path, durability: "interval", ...(now && { now }) });
	await store.open();
	return { store, told, [Symbol.asyncDispose]: () => store.close() };
}

/** The one file of the store with that ending. */
async function fileOf({ path }: TestFolder, ending: string): Promise<string> {
	const found = (await readdir(path)).filter((name) => name.endsWith(ending) && !name.startsWith("damaged-"));
	expect(found).toHaveLength(1);
	return join(path, found[0] as string);
}

describe("a store on the disk, opened again", () => {
	test("has retained messages with all their properties", async () => {
		await using folder = await testFolder();
		const properties = {
			contentType: "text/plain",
			correlationData: Buffer.from([0, 255, 10]),
			userProperties: { b: ["1", "2"], a: "ü\n" },
		};
		const kept = message("a/ü", "\0\n\xff", { properties, retain: true, qos: 2, expiresAt: Date.now() + 1e6 });
		{
			await using first = await open(folder);
			first.store.retain(kept);
			first.store.retain(message("gone", "x"));
			first.store.retain(message("gone", ""));
			first.store.retain(message("$SYS/broker/uptime", "1 seconds"));
		}
		await using second = await open(folder);
		expect(second.store.retained(["#", "$SYS/#"])).toEqual([kept]);
	});

	test("has sessions with subscriptions, queues, packet ids and half-done QoS 2 messages", async () => {
		await using folder = await testFolder();
		const filter = subscription("a/#", {
			qos: 2,
			noLocal: true,
			retainAsPublished: true,
			retainHandling: 2,
			identifier: 9,
		});
		{
			await using first = await open(folder);
			first.store.keepSession("c", "ann", 60);
			first.store.subscribe("c", [filter, subscription("b")]);
			first.store.unsubscribe("c", ["b"]);
			for (const key of ["1", "2", "3"]) first.store.enqueue("c", entry(key, { qos: 2 }));
			first.store.sent("c", "1", 11);
			first.store.sent("c", "2", 12);
			first.store.released("c", 12);
			first.store.receive("c", 5, 10);
			first.store.receive("c", 6, 10);
			first.store.release("c", 6);
			first.store.keepSession("other", null, 60);
			first.store.dropSession("other");
		}
		await using second = await open(folder);
		const { store } = second;
		expect([store.sessionUser("c"), store.hasSession("other")]).toEqual(["ann", false]);
		expect(store.subscriptions("c")).toEqual([filter]);
		expect(store.targets("a/b")).toHaveLength(1);
		expect(store.queue("c").map(({ key, packetId, released }) => [key, packetId, released])).toEqual([
			["1", 11, false],
			["2", 12, true],
			["3", undefined, false],
		]);
		expect([store.hasReceived("c", 5), store.hasReceived("c", 6)]).toEqual([true, false]);
	});

	test("has nothing of sessions that end with their connection", async () => {
		await using folder = await testFolder();
		{
			await using first = await open(folder);
			first.store.receive("fleeting", 1, 10);
		}
		await using second = await open(folder);
		expect(second.store.hasSession("fleeting")).toBe(false);
	});

	test("counts the time of an absence also while nothing runs", async () => {
		await using folder = await testFolder();
		let now = 1_000_000;
		{
			await using first = await open(folder, () => now);
			first.store.keepSession("away", null, 100);
			first.store.leaveSession("away");
			first.store.keepSession("cut off", null, 100);
		}
		now += 30_000;
		await using second = await open(folder, () => now);
		expect(second.store.absentees()).toEqual([
			{ clientId: "away", seconds: 70 },
			{ clientId: "cut off", seconds: 100 },
		]);
	});

	test("has the wills of clients that were there, with the moment when each is due", async () => {
		await using folder = await testFolder();
		const now = () => 1_000_000;
		const will = { topic: "w", payload: Buffer.from("bye"), qos: 1, retain: true, delay: 30, user: "ann" } as const;
		{
			await using first = await open(folder, now);
			first.store.keepSession("c", "ann", 20);
			first.store.keepWill("c", will);
			first.store.keepWill("d", will);
			first.store.keepWill("e", will);
			first.store.dropWill("e");
		}
		await using second = await open(folder, now);
		expect(second.store.leftWills()).toEqual([
			{ clientId: "c", will, dueAt: 1_020_000 },
			{ clientId: "d", will, dueAt: 1_030_000 },
		]);
	});

	test("has the same after a snapshot, and after changes while it was written", async () => {
		await using folder = await testFolder();
		const expected = new Map<string, string>();
		const queue: string[] = [];
		{
			await using first = await open(folder, undefined, { queuedMessages: 100_000 });
			const { store } = first;
			store.keepSession("c", null, 60);
			const large = "x".repeat(1_000);
			for (let round = 0; round < 6_000; round++) {
				const topic = `t/${round % 700}`;
				store.retain(message(topic, `${round} ${large}`));
				expected.set(topic, `${round} ${large}`);
				store.enqueue("c", entry(`k:${round}`));
				queue.push(`k:${round}`);
				if (round % 3 === 0) {
					const key = queue.shift() as string;
					store.sent("c", key, 1 + (round % 10));
					store.acknowledged("c", 1 + (round % 10));
				}
				if (round % 50 === 0) await store.flushed();
			}
		}
		const names = await readdir(folder.path);
		expect(names.filter((name) => name.endsWith(".snapshot"))).toHaveLength(1);
		await using second = await open(folder, undefined, { queuedMessages: 100_000 });
		const found = new Map(second.store.retained(["#"]).map(({ topic, payload }) => [topic, payload.toString()]));
		const differing = [...expected].filter(([topic, value]) => found.get(topic) !== value);
		expect(differing.map(([topic]) => topic)).toEqual([]);
		expect(texts(second.store.queue("c"))).toEqual(queue);
	});
});

describe("a message for many sessions", () => {
	const payload = Buffer.alloc(10_000, "x");
	const clients = Array.from({ length: 50 }, (_, number) => `c${number}`);
	const enqueue = (store: DiskStore, key: string, bytes: Buffer) => {
		for (const clientId of clients) {
			const one = { ...message("t", "", { payload: bytes }) };
			store.enqueue(clientId, { key, message: one, packetId: undefined, released: false });
		}
	};

	test("is once in the journal, and once in memory when that is read again", async () => {
		await using folder = await testFolder();
		{
			await using first = await open(folder);
			for (const clientId of clients) first.store.keepSession(clientId, null, 60);
			enqueue(first.store, "1", payload);
			// Another message that has the same key by mistake.
			enqueue(first.store, "2", Buffer.alloc(10_000, "a"));
			enqueue(first.store, "2", Buffer.alloc(10_000, "b"));
		}
		expect((await stat(await fileOf(folder, ".journal2"))).size).toBeLessThan(60_000);
		await using second = await open(folder);
		for (const clientId of clients)
			expect(texts(second.store.queue(clientId))).toEqual([`${payload}`, "b".repeat(10_000)]);
		expect(second.store.queuedBytes).toBeLessThan(100 * 1_000 + 20_000);
	});

	test("is once in a snapshot", async () => {
		await using folder = await testFolder();
		// So many journals are worth a snapshot.
		for (let count = 0; count < 10; count++) {
			await using each = await open(folder);
			if (count === 0) {
				for (const clientId of clients) each.store.keepSession(clientId, null, 60);
				enqueue(each.store, "1", payload);
			}
			each.store.retain(message("a", String(count)));
		}
		{
			await using last = await open(folder);
			while (!(await readdir(folder.path)).some((name) => name.endsWith(".snapshot"))) await last.store.flushed();
		}
		expect((await stat(await fileOf(folder, ".snapshot"))).size).toBeLessThan(20_000);
		await using again = await open(folder);
		for (const clientId of clients) expect(texts(again.store.queue(clientId))).toEqual([`${payload}`]);
		expect(again.store.queuedBytes).toBeLessThan(60_000);
	});
});

describe("a damaged store", () => {
	test("S1 loses only a record that was half written", async () => {
		await using folder = await testFolder();
		let size = 0;
		{
			await using first = await open(folder);
			first.store.retain(message("a", "whole"));
			await first.store.flushed();
			first.store.retain(message("b", "half"));
			await first.store.flushed();
			size = (await stat(await fileOf(folder, ".journal2"))).size;
		}
		await truncate(await fileOf(folder, ".journal2"), size - 2);
		await using second = await open(folder);
		expect(texts([]).concat(second.store.retained(["#"]).map(({ topic }) => topic))).toEqual(["a"]);
		expect(second.told.problems).toEqual([]);
	});

	test("S1 never has half of what was written together, wherever the writing was cut off", async () => {
		await using folder = await testFolder();
		let before = 0;
		let bytes = Buffer.alloc(0);
		{
			await using first = await open(folder);
			first.store.keepSession("publisher", null, 60);
			first.store.keepSession("away", null, 60);
			await first.store.flushed();
			before = (await stat(await fileOf(folder, ".journal2"))).size;
			first.store.receive("publisher", 7, 10);
			first.store.enqueue("away", entry("1"));
			first.store.retain(message("a", "1"));
			await first.store.flushed();
			bytes = await readFile(await fileOf(folder, ".journal2"));
		}
		expect(bytes.length).toBeGreaterThan(before + 50);
		for (let end = before; end <= bytes.length; end++) {
			await using cut = await testFolder();
			await writeFile(join(cut.path, "00000001.journal2"), bytes.subarray(0, end));
			await using second = await open(cut);
			const { store, told } = second;
			const isWhole = end === bytes.length;
			expect([store.hasReceived("publisher", 7), store.queue("away").length, store.retainedCount]).toEqual(
				isWhole ? [true, 1, 1] : [false, 0, 0],
			);
			expect(told.problems).toEqual([]);
		}
	});

	test("does not know a packet identifier whose message may be in the damaged part", async () => {
		await using folder = await testFolder();
		{
			await using first = await open(folder);
			first.store.keepSession("publisher", null, 60);
			await first.store.flushed();
			first.store.receive("publisher", 7, 10);
			first.store.retain(message("a", "lost"));
			first.store.retain(message("b", "kept"));
			await first.store.flushed();
			first.store.receive("publisher", 8, 10);
		}
		const journal = await fileOf(folder, ".journal2");
		const bytes = await readFile(journal);
		bytes[bytes.indexOf("lost")] = 0;
		await writeFile(journal, bytes);
		await using second = await open(folder);
		const { store, told } = second;
		expect([store.hasReceived("publisher", 7), store.hasReceived("publisher", 8)]).toEqual([false, true]);
		expect(store.retained(["#"]).map(({ topic }) => topic)).toEqual(["b"]);
		expect(told.problems).toMatchObject([{ kind: "repaired" }]);
	});

	test("ignores zeros behind the last record, as a power cut leaves them", async () => {
		await using folder = await testFolder();
		{
			await using first = await open(folder);
			first.store.retain(message("a", "x"));
		}
		await appendFile(await fileOf(folder, ".journal2"), Buffer.alloc(5_000));
		await using second = await open(folder);
		expect(second.store.retainedCount).toBe(1);
		expect(second.told.problems).toEqual([]);
	});

	test("S2 keeps what can be read, moves the damaged file aside and says so", async () => {
		await using folder = await testFolder();
		{
			await using first = await open(folder);
			for (const topic of ["a", "b", "c"]) first.store.retain(message(topic, `value of ${topic}`));
		}
		const journal = await fileOf(folder, ".journal2");
		const bytes = await readFile(journal);
		bytes[bytes.indexOf("value of b")] = 0;
		await writeFile(journal, bytes);
		{
			await using second = await open(folder);
			expect(second.store.retained(["#"]).map(({ topic }) => topic)).toEqual(["a", "c"]);
			expect(second.told.problems).toMatchObject([{ kind: "repaired", error: { code: "STORE_DAMAGED" } }]);
			while (!(await readdir(folder.path)).some((name) => name.startsWith("damaged-"))) await second.store.flushed();
		}
		const aside = (await readdir(folder.path)).find((name) => name.startsWith("damaged-")) as string;
		expect(await readFile(join(folder.path, aside))).toEqual(bytes);
		await using third = await open(folder);
		expect(third.store.retainedCount).toBe(2);
		expect(third.told.problems).toEqual([]);
	});

	test.each(["", "{", '{"format":"other"}', "\0\0\0\0"])("starts with the manifest %j", async (content) => {
		await using folder = await testFolder();
		{
			await using first = await open(folder);
			first.store.retain(message("a", "x"));
		}
		await writeFile(join(folder.path, "store.json"), content);
		await using second = await open(folder);
		expect(second.store.retainedCount).toBe(1);
		expect(second.told.problems).toMatchObject([{ kind: "repaired" }]);
	});

	test("starts whatever the bytes of its files are", async () => {
		await using folder = await testFolder();
		await writeFile(join(folder.path, "00000003.snapshot"), Buffer.from("f5b7ffffffff00000000", "hex"));
		await writeFile(join(folder.path, "00000003.journal2"), Buffer.alloc(100_000, 0xf5));
		await writeFile(join(folder.path, "00000001.journal2"), "text");
		await using first = await open(folder);
		expect(first.store.retainedCount).toBe(0);
		expect(first.told.problems).toMatchObject([{ kind: "repaired" }]);
	});

	test("is refused when a newer version wrote it", async () => {
		await using folder = await testFolder();
		await writeFile(join(folder.path, "store.json"), '{"format":"flowbroker-store","version":3}');
		await expect(open(folder)).rejects.toMatchObject({ code: "STORE_TOO_NEW" });
		expect(await readdir(folder.path)).toEqual(["store.json"]);
	});
});

describe("the lock of a store", () => {
	test("keeps a second one out, until the first is closed", async () => {
		await using folder = await testFolder();
		{
			await using _first = await open(folder);
			await expect(open(folder)).rejects.toMatchObject({ code: "STORE_LOCKED" });
		}
		await using second = await open(folder);
		expect(second.told.problems).toEqual([]);
	});

	test.each([
		["empty", ""],
		["of a process that has ended", JSON.stringify({ pid: 2 ** 22 + 1, token: "t" })],
		["of a process number that another process has now", JSON.stringify({ pid: 1, started: "boot:1", token: "t" })],
	])("is taken over when it is %s", async (_name, content) => {
		await using folder = await testFolder();
		const { hostname } = await import("node:os");
		const lock = content && JSON.stringify({ ...JSON.parse(content), host: hostname() });
		await writeFile(join(folder.path, "lock"), lock);
		await using first = await open(folder);
		expect(first.told.problems).toEqual([]);
	});
});
