/** Pulls the plug again and again, at moments that a seed decides, and looks at what is on the disk then. */

import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { DiskStore } from "../../../broker/store/disk";
import type { Durability } from "../../../broker/store/disk/durability";
import { SeededRandom } from "../wire/seeded-random";
import { PowerCutDisk } from "./power-cut-disk";
import { entry, limits, message, Told } from "./samples";

const FOLDER = "/store";
const TOPICS = 5;
/** The greatest packet identifier, and so many numbers until it comes again. */
const PACKET_IDS = 50_000;

/** How far the work has come: each round has a number. */
interface Progress {
	/** Of the last round whose message came in. */
	readonly taken: number;
	/** Messages up to this number were acknowledged by their receiver. */
	readonly done: number;
}

interface Cut {
	readonly disk: PowerCutDisk;
	/** What was promised. */
	readonly least: Progress;
	/** What was asked for. */
	readonly most: Progress;
}

/** Publishes messages that are retained and queued, and takes them from the queue again, a round at a time. */
class Work {
	readonly store: DiskStore;
	/** What the store has promised. */
	promised: Progress = { taken: 0, done: 0 };
	asked: Progress = { taken: 0, done: 0 };
	readonly #random: SeededRandom;

	constructor(disk: PowerCutDisk, durability: Durability, random: SeededRandom) {
		this.store = openable(disk, durability);
		this.#random = random;
	}

	async start(): Promise<void> {
		await this.store.open();
		this.store.keepSession("publisher", null, 600);
		this.store.keepSession("receiver", null, 600);
		await this.store.flushed();
	}

	/** As a broker with a QoS 2 message: packet identifier, retained value and queue change together. */
	async round(): Promise<void> {
		const { store } = this;
		for (let count = 1 + this.#random.below(4); count > 0; count--) {
			const taken = this.asked.taken + 1;
			const length = this.#random.below(this.#random.below(10) === 0 ? 50_000 : 1_500);
			const text = `${taken} ${"x".repeat(length)}`;
			store.receive("publisher", taken % PACKET_IDS, PACKET_IDS);
			store.retain(message(`r/${taken % TOPICS}`, text, { retain: true }));
			store.enqueue("receiver", { ...entry(`k:${taken}`), message: message("t", text) });
			this.asked = { ...this.asked, taken };
		}
		for (let count = this.#random.below(4); count > 0 && this.asked.done < this.asked.taken; count--) {
			const done = this.asked.done + 1;
			store.sent("receiver", `k:${done}`, done % PACKET_IDS);
			store.acknowledged("receiver", done % PACKET_IDS);
			this.asked = { ...this.asked, done };
		}
		const { asked } = this;
		await store.flushed();
		this.promised = asked;
	}
}

function openable(disk: PowerCutDisk, durability: Durability, told = new Told()): DiskStore {
	const bounds = limits({ queuedMessages: 1_000_000 });
	return new DiskStore(bounds, told, { folder: FOLDER, durability, fileSystem: disk });
}

/** Opens what is left, and looks whether it is what may be left. */
async function judge({ disk, least, most }: Cut): Promise<void> {
	const told = new Told();
	const store = openable(disk, "each", told);
	await store.open();
	const numbers = store.queue("receiver").map(({ message }) => numberOf(message));
	const values = store.retained(["r/+"]).map((kept) => numberOf(kept));
	const taken = Math.max(0, ...values);
	expect(taken).toBeGreaterThanOrEqual(least.taken);
	expect(taken).toBeLessThanOrEqual(most.taken);
	// Each topic has the last value that it had at one moment.
	expect(values.sort((one, other) => one - other)).toEqual(lastNumbers(taken, TOPICS));
	// No message is missing in the queue, and none that its receiver has is there again, but for the last few.
	const first = numbers[0] ?? taken + 1;
	expect(numbers).toEqual(Array.from({ length: taken + 1 - first }, (_, index) => first + index));
	expect(first - 1).toBeGreaterThanOrEqual(least.done);
	expect(first - 1).toBeLessThanOrEqual(most.done);
	// A packet identifier is known exactly when its message is there.
	expect([store.hasReceived("publisher", taken), store.hasReceived("publisher", taken + 1)]).toEqual([
		taken > 0,
		false,
	]);
	expect(told.problems).toEqual([]);
	await store.close();
}

/** Of the round. */
function numberOf({ payload }: { readonly payload: Buffer }): number {
	return Number.parseInt(payload.toString("latin1", 0, 10), 10);
}

/** Which kinds of files there were. */
async function namesOf(cuts: readonly Cut[]): Promise<string[]> {
	const names = (await Promise.all(cuts.map(({ disk }) => disk.list(FOLDER)))).flat();
	return names.map((name) => name.slice(name.lastIndexOf(".") + 1));
}

function lastNumbers(to: number, count: number): number[] {
	return Array.from({ length: Math.min(to, count) }, (_, index) => to - Math.min(to, count) + 1 + index);
}

describe("a disk that loses what was not synced", () => {
	beforeEach(() => {
		jest.useFakeTimers({ doNotFake: ["setImmediate", "clearImmediate", "nextTick", "queueMicrotask", "performance"] });
	});
	afterEach(() => {
		jest.useRealTimers();
	});

	test.each([1, 2])(
		"S1 has everything that was promised where each group is synced (seed %d)",
		async (seed) => {
			const random = new SeededRandom(seed);
			const disk = new PowerCutDisk();
			const work = new Work(disk, "each", random);
			const cuts: Cut[] = [];
			await work.start();
			disk.watch = () => {
				if (random.below(15) === 0) cuts.push({ disk: disk.afterCut(random), least: work.promised, most: work.asked });
			};
			for (let round = 0; round < 400; round++) await work.round();
			disk.watch = () => {};
			await work.store.close();
			expect(cuts.length).toBeGreaterThan(20);
			for (const cut of cuts) await judge(cut);
			expect(await namesOf(cuts)).toContain("snapshot");
		},
		60_000,
	);

	test.each([1, 2])(
		"S1 loses at most 250 ms where it is synced at intervals (seed %d)",
		async (seed) => {
			const random = new SeededRandom(seed);
			const disk = new PowerCutDisk();
			const work = new Work(disk, "interval", random);
			const cuts: Cut[] = [];
			/** What was promised, and when. */
			const history: { at: number; promised: Progress }[] = [];
			await work.start();
			await jest.advanceTimersByTimeAsync(250);
			await disk.idle();
			const promisedBefore = (at: number): Progress =>
				history.findLast((one) => one.at <= at)?.promised ?? { taken: 0, done: 0 };
			for (let round = 0; round < 400; round++) {
				await work.round();
				history.push({ at: Date.now(), promised: work.promised });
				await jest.advanceTimersByTimeAsync(random.below(100));
				// The time that a sync takes is not part of the promise.
				await disk.idle();
				if (random.below(10) > 0) continue;
				cuts.push({ disk: disk.afterCut(random), least: promisedBefore(Date.now() - 250), most: work.asked });
			}
			await work.store.close();
			expect(cuts.length).toBeGreaterThan(20);
			for (const cut of cuts) await judge(cut);
			expect(await namesOf(cuts)).toContain("snapshot");
		},
		60_000,
	);
});
