import { spawnSync } from "node:child_process";
import { readdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { withFileLock } from "../../../broker/access/file-lock";
import { temporaryDirectories } from "./temporary";

const newDirectory = temporaryDirectories();
const newFile = async () => join(await newDirectory(), "access.json");
const token = "0123456789abcdef01234567";

/** The number of a process that has ended. */
function deadProcess(): number {
	return spawnSync(process.execPath, ["-e", ""]).pid;
}

describe("a lock on a file", () => {
	test("lets one after the other work, and leaves nothing behind", async () => {
		const file = await newFile();
		let inside = 0;
		let most = 0;
		const work = async () => {
			most = Math.max(most, ++inside);
			await stat(`${file}.lock`);
			inside--;
			return "done";
		};
		const all = await Promise.all(Array.from({ length: 20 }, () => withFileLock(file, work)));
		expect({ most, all: new Set(all) }).toEqual({ most: 1, all: new Set(["done"]) });
		expect(await readdir(join(file, ".."))).toEqual([]);
	});

	test("is given up when the work fails", async () => {
		const file = await newFile();
		await expect(withFileLock(file, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
		expect(await withFileLock(file, async () => "done")).toBe("done");
	});

	test("is the same through a symbolic link", async () => {
		const file = await newFile();
		await writeFile(file, "");
		await symlink(file, `${file}.link`);
		await withFileLock(`${file}.link`, async () => {
			expect(JSON.parse(await readFile(`${file}.lock`, "utf8"))).toMatchObject({ pid: process.pid, host: hostname() });
		});
	});

	test("of a process that died is taken over, by one of those who wait", async () => {
		const file = await newFile();
		await writeFile(`${file}.lock`, JSON.stringify({ pid: deadProcess(), host: hostname(), token }));
		let inside = 0;
		const work = async () => {
			expect(++inside).toBe(1);
			await stat(`${file}.lock`);
			inside--;
		};
		await Promise.all(Array.from({ length: 20 }, () => withFileLock(file, work)));
		expect(await readdir(join(file, ".."))).toEqual([]);
	});

	test.each([
		{ what: "old", content: JSON.stringify({ pid: process.pid, host: hostname(), token }), age: 61_000 },
		{ what: "from the future", content: JSON.stringify({ pid: process.pid, host: hostname(), token }), age: -61_000 },
		{ what: "old and of another machine", content: JSON.stringify({ pid: 1, host: "elsewhere", token }), age: 61_000 },
		{ what: "old and empty", content: "", age: 61_000 },
	])("that is $what is taken over", async ({ content, age }) => {
		const file = await newFile();
		await writeFile(`${file}.lock`, content);
		const time = (Date.now() - age) / 1_000;
		await utimes(`${file}.lock`, time, time);
		expect(await withFileLock(file, async () => "done")).toBe("done");
	});

	test.each([
		{ what: "a process that lives", content: JSON.stringify({ pid: process.pid, host: hostname(), token }) },
		{ what: "another machine", content: JSON.stringify({ pid: 1, host: "elsewhere", token }) },
		{ what: "somebody who has just begun to write it", content: "" },
	])("of $what is waited for, and then told", async ({ content }) => {
		const file = await newFile();
		await writeFile(`${file}.lock`, content);
		const impatient = withFileLock(file, async () => "done", { patience: 60, staleAfter: 60_000 });
		await expect(impatient).rejects.toMatchObject({
			code: "ACCESS_FILE_BUSY",
			message: expect.stringContaining(`${file} is being changed by`) as unknown as string,
		});
		expect(await readFile(`${file}.lock`, "utf8")).toBe(content);
	});

	test("that somebody else has taken over meanwhile is not removed", async () => {
		const file = await newFile();
		const other = JSON.stringify({ pid: process.pid, host: hostname(), token });
		await withFileLock(file, () => writeFile(`${file}.lock`, other));
		expect(await readFile(`${file}.lock`, "utf8")).toBe(other);
	});
});
