import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { DiskStore } from "../../../broker/store/disk";
import { nodeFileSystem } from "../../../broker/store/disk/file-system";
import { upToDate } from "../../../broker/store/disk/manifest";
import { parseStore } from "../../../broker/store/store-options";
import { testFolder } from "./folder";
import { limits, Told } from "./samples";

describe("a store of an older version", () => {
	test("is brought up to date step by step", async () => {
		await using folder = await testFolder();
		const manifest = join(folder.path, "store.json");
		await writeFile(manifest, '{"format":"flowbroker-store","version":1}');
		const steps: string[] = [];
		const migrations = {
			1: async () => void steps.push("1 to 2"),
			2: async () => void steps.push("2 to 3"),
		};
		await upToDate(nodeFileSystem, folder.path, new Date(), { version: 3, migrations });
		expect(steps).toEqual(["1 to 2", "2 to 3"]);
		expect(JSON.parse(await readFile(manifest, "utf8"))).toEqual({ format: "flowbroker-store", version: 3 });
	});

	test("has everything when it is opened, and is of the present version then", async () => {
		await using folder = await testFolder();
		// Written by version 0.1.0 of this package: a snapshot, and a journal behind it.
		await cp(join(__dirname, "version-1"), folder.path, { recursive: true });
		const told = new Told();
		const options = { folder: folder.path, durability: "interval", now: () => 1_800_000_000_000 } as const;
		for (let times = 1; times <= 2; times++) {
			const store = new DiskStore(limits(), told, options);
			await store.open();
			const kept = store.retained(["#"]).map(({ topic, payload }) => `${topic} ${payload}`);
			expect(kept).toEqual([
				...Array.from({ length: 9 }, (_, index) => `kept/${index + 1} value ${index + 1}`),
				"ünicode ä",
			]);
			expect(store.subscriptions("ann's lamp")).toEqual([
				{ filter: "home/#", qos: 2, noLocal: true, retainAsPublished: false, retainHandling: 1, identifier: 7 },
			]);
			const queue = store.queue("ann's lamp");
			expect(queue.map(({ key, packetId }) => [key, packetId])).toEqual([
				["k:1", 5],
				["k:2", undefined],
				["k:3", undefined],
			]);
			expect(queue[1]?.message.properties).toEqual({
				contentType: "text/plain",
				correlationData: Buffer.from([0, 255]),
				userProperties: { a: ["1", "2"] },
			});
			expect([store.hasReceived("ann's lamp", 9), store.sessionUser("ann's lamp")]).toEqual([true, "ann"]);
			expect(store.leftWills().map(({ will: { topic } }) => topic)).toEqual(["will"]);
			await store.close();
			const manifest = JSON.parse(await readFile(join(folder.path, "store.json"), "utf8"));
			expect(manifest).toEqual({ format: "flowbroker-store", version: 2 });
		}
		expect(told.problems).toEqual([]);
	});

	test("is refused when nobody knows the way", async () => {
		await using folder = await testFolder();
		await writeFile(join(folder.path, "store.json"), '{"format":"flowbroker-store","version":0}');
		await expect(upToDate(nodeFileSystem, folder.path, new Date())).rejects.toMatchObject({ code: "STORE_UNUSABLE" });
	});
});

describe("the setting store", () => {
	test("is memory by default, and interval on the disk", () => {
		expect(parseStore(undefined)).toEqual({ kind: "memory" });
		expect(parseStore({ kind: "disk", folder: "/x" })).toEqual({ kind: "disk", folder: "/x", durability: "interval" });
	});

	test.each([
		[{ kind: "tape" }, "store.kind"],
		[{ kind: "disk" }, "store.folder"],
		[{ kind: "disk", folder: "/x", durability: "often" }, "store.durability"],
		[{ kind: "memory", folder: "/x" }, "store.folder"],
	])("refuses %j and names what is wrong", (input, path) => {
		expect(() => parseStore(input)).toThrow(path);
	});
});
