import { describe, expect, test } from "@jest/globals";
import { MemoryStore } from "../../../broker/store/memory";
import { ownSession } from "../../../broker/store/store";
import { Sweeper } from "../../../broker/store/sweeper";
import { LookOut } from "../../helpers/look-out";
import { entry, limits, message, Told } from "./samples";

/** Counts to a number, once in each round. */
class Rounds {
	readonly seen: number[] = [];
	given = 0;
	readonly lookOut = new LookOut();
	readonly sweeper: Sweeper;

	constructor(items: number) {
		const { lookOut } = this;
		const seen = this.seen;
		const give = () => {
			this.given++;
		};
		this.sweeper = new Sweeper(function* () {
			let count = 0;
			try {
				for (; count < items; count++) yield;
			} finally {
				if (count < items) give();
				else seen.push(count);
				lookOut.changed();
			}
		}, 1);
	}
}

describe("a sweeper", () => {
	test("goes round after round through all, and lets others work in between", async () => {
		const rounds = new Rounds(10_000);
		let turns = 0;
		let goesOn = true;
		const count = () => {
			turns++;
			if (goesOn) setImmediate(count);
		};
		count();
		rounds.sweeper.start();
		await rounds.lookOut.until(() => (rounds.seen.length >= 2 ? true : undefined));
		rounds.sweeper.stop();
		goesOn = false;
		expect(rounds.seen.slice(0, 2)).toEqual([10_000, 10_000]);
		expect(turns).toBeGreaterThan(50);
	});

	test("gives up its round when it is stopped", async () => {
		const rounds = new Rounds(Number.POSITIVE_INFINITY);
		rounds.sweeper.start();
		await new Promise((resolve) => setImmediate(resolve));
		await new Promise((resolve) => setImmediate(resolve));
		rounds.sweeper.stop();
		expect(rounds.given).toBe(1);
	});
});

test("a store that is opened removes what is expired, though nobody asks for it", async () => {
	const store = new MemoryStore(limits(), new Told(), () => 1_000);
	store.retain(message("over", "x", { expiresAt: 999 }));
	store.retain(message("not over", "x", { expiresAt: 1_001 }));
	store.keepSession("c", null, 60);
	store.enqueue("c", entry("1", { expiresAt: 999 }));
	store.enqueue("c", entry("2", { expiresAt: 999 }));
	store.sent("c", "2", 1);
	store.enqueue("c", entry("3", { expiresAt: 1_001 }));
	await store.open();
	while (store.retainedCount > 1 || store.queuedCount > 2) await new Promise((resolve) => setImmediate(resolve));
	expect(store.retained(["#"]).map(({ topic }) => topic)).toEqual(["not over"]);
	expect(store.queue("c").map(({ key }) => key)).toEqual(["2", "3"]);
	await store.close();
});

test("a session of the broker's own that nobody has taken up in its time is removed, and no other", async () => {
	let now = 0;
	const store = new MemoryStore(limits(), new Told(), () => now);
	for (const name of ["gone", "here", "back"].map(ownSession)) store.keepSession(name, null, 60);
	store.keepSession("client", null, 60);
	for (const name of [ownSession("gone"), ownSession("back"), "client"]) store.leaveSession(name);
	store.keepSession(ownSession("back"), null, 60);
	now = 60_000;
	await store.open();
	while (store.hasSession(ownSession("gone"))) await new Promise((resolve) => setImmediate(resolve));
	expect([ownSession("here"), ownSession("back"), "client"].map((name) => store.hasSession(name))).toEqual([
		true,
		true,
		true,
	]);
	await store.close();
});
