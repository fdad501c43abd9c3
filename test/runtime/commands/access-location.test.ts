import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Workshop } from "../flowbroker-process";

let workshop: Workshop;
const content = (user: string) => ({ version: 1, users: [{ name: user }] });

beforeAll(() => {
	workshop = new Workshop();
	workshop.write("one/flowbroker/b1/access.json", content("in b1"));
	workshop.write("two/flowbroker/b1/access.json", content("in b1"));
	workshop.write("two/flowbroker/b2/access.json", content("in b2"));
	workshop.write("two/flowbroker/a-file", "");
	mkdirSync(join(workshop.root, "empty"));
	mkdirSync(join(workshop.root, "new/flowbroker/b1"), { recursive: true });
});
afterAll(() => workshop.remove());

const path = (name: string) => join(workshop.root, name);
const run = (...args: string[]) => workshop.run(args.map((arg) => arg.replace("ROOT", workshop.root)));

describe("the access file of a command", () => {
	test("is that of the only broker in the data folder", async () => {
		expect((await run("user", "list", "--data", "ROOT/one")).stdout).toContain("in b1");
	});

	test("is that of the broker named", async () => {
		expect((await run("user", "list", "--data", "ROOT/two", "--broker", "b2")).stdout).toContain("in b2");
	});

	test("may be named itself", async () => {
		const { stdout } = await run("user", "list", "--file", "ROOT/two/flowbroker/b2/access.json");
		expect(stdout).toContain("in b2");
	});

	test("is made by the first user, for a broker that has none yet or is named", async () => {
		expect((await run("user", "add", "rajan", "--generate", "--data", "ROOT/new")).stdout).toContain(
			`${path("new/flowbroker/b1/access.json")} was made.`,
		);
		expect(
			(await run("user", "add", "rajan", "--generate", "--data", "ROOT/fresh", "--broker", "../b 3")).stdout,
		).toContain(`${path("fresh/flowbroker/---b-3/access.json")} was made.`);
	});

	test.each([
		{ args: [], says: "Say where the users are kept: --data DIR" },
		{
			args: ["--data", "ROOT/two"],
			says: "There are several brokers in ROOT/two/flowbroker: add --broker b1 or --broker b2.",
		},
		{
			args: ["--data", "ROOT/empty"],
			says: "There is no broker in ROOT/empty/flowbroker yet: name one with --broker ID",
		},
		{
			args: ["--data", "ROOT/one", "--broker", "b9"],
			says: "There is no access file ROOT/one/flowbroker/b9/access.json yet",
		},
		{ args: ["--file", "ROOT/nothing/access.json"], says: "There is no access file ROOT/nothing/access.json yet" },
		{ args: ["--file", "ROOT/one"], says: "ROOT/one is a folder: name the file in it" },
		{ args: ["--file", "x", "--data", "ROOT/one"], says: "Give either --file, or --data with --broker." },
		{ args: ["--file", "x", "--broker", "b1"], says: "Give either --file, or --data with --broker." },
		{ args: ["--data", ""], says: "--data, --broker and --file need a value." },
		{
			args: ["--data", "ROOT/two/flowbroker/a-file"],
			says: "ROOT/two/flowbroker/a-file/flowbroker can't be read: there is a file in the place of a folder. Check the name.",
		},
	])("that can't be found is told in one sentence: $args", async ({ args, says }) => {
		const { code, stdout, stderr } = await run("user", "list", ...args);
		expect(stderr.trim().replaceAll(workshop.root, "ROOT")).toContain(`flowbroker: ${says}`);
		expect(stderr.trim().split("\n")).toHaveLength(1);
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
	});

	test("looking for one makes no folders", async () => {
		await run("user", "list", "--file", "ROOT/nowhere/access.json");
		await run("rule", "test", "--anonymous", "publish", "a", "--data", "ROOT/nowhere", "--broker", "b1");
		expect(() => mkdirSync(path("nowhere"))).not.toThrow();
	});
});

describe("flowbroker access check", () => {
	test("counts what is in the file", async () => {
		const args = ["access", "check", "--data", "ROOT/fresh", "--broker", "b4"];
		await run("user", "add", "rajan", "--no-password", "--data", "ROOT/fresh", "--broker", "b4");
		expect(await run(...args)).toEqual({
			code: 0,
			stdout: `${path("fresh/flowbroker/b4/access.json")} can be used: 1 user, 0 groups, 0 rules.\nThe user "rajan" has no password and can't log in.\n`,
			stderr: "",
		});
	});

	test("A10 tells when others can read the hashes", async () => {
		const file = workshop.write("open/access.json", content("rajan"));
		const { code, stderr } = await run("access", "check", "--file", file);
		expect({ code, stderr }).toEqual({
			code: 1,
			stderr: `flowbroker: Other users of this machine can read the password hashes in ${file}: chmod 600 ${file}\n`,
		});
	});

	test("A4 says which line is broken; nothing is changed while it is", async () => {
		const file = workshop.write("broken/access.json", '{\n"version": 1,\n"users": [,]\n}\n');
		const check = await run("access", "check", "--file", file);
		expect(check).toMatchObject({ code: 1, stdout: "" });
		expect(check.stderr).toContain(`flowbroker: The access file ${file} is not used: Line 3 is not JSON`);
		const add = await run("user", "add", "rajan", "--generate", "--file", file);
		expect(add).toMatchObject({ code: 2, stdout: "", stderr: check.stderr });
	});
});
