import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { nodeFileSystem } from "../../../broker/store/disk/file-system";
import { upToDate } from "../../../broker/store/disk/manifest";
import { parseStore } from "../../../broker/store/store-options";
import { testFolder } from "./folder";

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
