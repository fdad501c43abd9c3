import { statSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { access } from "../../../broker";
import { AccessDesk } from "./access-desk";

let desk: AccessDesk;
let hasher: access.PasswordHasher;

beforeAll(() => {
	desk = new AccessDesk();
	hasher = new access.PasswordHasher();
});
beforeEach(() => desk.put(undefined));
afterAll(async () => {
	await hasher.close();
	await desk.remove();
});

/** Is this the user's password? */
async function isPassword(user: string, password: string): Promise<boolean> {
	const hash = desk.document().users.find(({ name }) => name === user)?.password ?? "";
	return hasher.verify(Buffer.from(password), hash);
}

describe("flowbroker user add", () => {
	test("makes the file, for its owner only, and says what changes by it", async () => {
		const stdout = await desk.succeed("user add rajan", "s3cret!\n");
		expect(stdout).toBe(
			`The user "rajan" was added.\n${desk.file} was made.\nClients without user name are not let in from now on; "flowbroker access anonymous on" lets them in.\n`,
		);
		expect(statSync(desk.file).mode & 0o777).toBe(0o600);
		expect(await isPassword("rajan", "s3cret!")).toBe(true);
		expect(await isPassword("rajan", "s3cret!\n")).toBe(false);
	});

	test("does not speak of a new file when there is one", async () => {
		desk.put({});
		expect(await desk.succeed("user add rajan", "pä ss\r\n")).toBe('The user "rajan" was added.\n');
		expect(await isPassword("rajan", "pä ss")).toBe(true);
	});

	test("makes up a password, and shows it once", async () => {
		const stdout = await desk.succeed("user add rajan --generate");
		const password = /^Password, shown only now: (\S{20})$/m.exec(stdout)?.[1] ?? "";
		expect(await isPassword("rajan", password)).toBe(true);
		expect(desk.text()).not.toContain(password);
		const again = await desk.succeed("user passwd rajan --generate");
		expect(again).not.toContain(password);
		expect(await isPassword("rajan", password)).toBe(false);
	});

	test("takes what else is said about the user", async () => {
		await desk.succeed("group add sensors");
		const words = ["user", "add", "cellar", "--no-password", "--group", "sensors", "--client-id", "c 1"];
		await desk.succeed([...words, "--expires", "2099-01-31", "--note", "behind the door"]);
		expect(desk.document().users).toEqual([
			{
				name: "cellar",
				enabled: true,
				groups: ["sensors"],
				clientIds: ["c 1"],
				expires: "2099-01-31",
				note: "behind the door",
			},
		]);
	});

	test.each([
		{ what: "no password", input: "", says: "The password is empty" },
		{ what: "an empty line", input: "\n", says: "The password is empty" },
		{ what: "two lines", input: "one\ntwo\n", says: "The standard input has several lines" },
		{ what: "too long a password", input: "x".repeat(65_536), says: "The password is longer than 65535 bytes" },
	])("A5 refuses $what and makes no user", async ({ input, says }) => {
		const { code, stdout, stderr } = await desk.run("user add rajan", input);
		expect(stderr).toMatch(new RegExp(`^flowbroker: ${says}.*\n$`));
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(() => desk.text()).toThrow("ENOENT");
	});

	test.each([
		"user add rajan hunter22",
		"user add rajan --password hunter22",
		"user add --password=hunter22 rajan",
		"user passwd rajan hunter22",
	])("A10 refuses a password as argument, and does not repeat it: %s", async (line) => {
		const { code, stdout, stderr } = await desk.run(line, "other\n");
		expect(stderr).toMatch(/^flowbroker: A password must not stand on the command line.*\n$/);
		expect(stderr).not.toContain("hunter22");
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
	});

	test.each([
		{ line: "user add rajan", says: 'There is a user "rajan" already' },
		{ line: "user add new --group nobody", says: 'user.groups[0] names the group "nobody", which does not exist' },
		{ line: "user add new --expires tomorrow", says: "user.expires must be a date such as 2027-01-31" },
		{ line: ["user", "add", "new "], says: "user.name must not start or end with a blank" },
		{ line: ["user", "add", ""], says: "user.name must not be empty" },
		{ line: "user add", says: "Say the name of the user." },
		{ line: "user add new --generate --password-stdin", says: "Give either --generate or --password-stdin." },
		{ line: "user add new --generate --no-password", says: "--no-password goes with neither" },
		{ line: "user passwd nobody", says: 'There is no user "nobody". To see all: "flowbroker user list".' },
		{ line: "user remove nobody", says: 'There is no user "nobody".' },
		{ line: "user disable nobody", says: 'There is no user "nobody".' },
		{ line: "user show nobody", says: 'There is no user "nobody".' },
		{ line: "user list --format xml", says: "--format xml is not known" },
		{ line: "user list more", says: "There is a word too many." },
		{ line: "user remove rajan more", says: "There is one word too many" },
	])("refuses $line with one sentence, and changes nothing", async ({ line, says }) => {
		desk.put({ users: [{ name: "rajan" }] });
		const before = desk.text();
		const { code, stdout, stderr } = await desk.run(line, "s3cret!\n");
		expect(stderr.slice(0, 12 + says.length)).toBe(`flowbroker: ${says}`);
		expect(stderr.trim().split("\n")).toHaveLength(1);
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(desk.text()).toBe(before);
	});
});

describe("other commands about users", () => {
	test("passwd, disable, enable and remove do what they say", async () => {
		await desk.succeed("user add rajan", "old\n");
		expect(await desk.succeed("user passwd rajan", "new\n")).toBe('The user "rajan" has a new password.\n');
		expect(await isPassword("rajan", "new")).toBe(true);
		expect(await desk.succeed("user disable rajan")).toBe('The user "rajan" is disabled.\n');
		expect(desk.document().users[0]?.enabled).toBe(false);
		expect(await desk.succeed("user enable rajan")).toBe('The user "rajan" is enabled.\n');
		expect(desk.document().users[0]?.enabled).toBe(true);
		expect(await desk.succeed("user remove rajan")).toBe('The user "rajan" was removed.\n');
		expect(desk.document().users).toEqual([]);
	});

	test("list shows who can log in", async () => {
		await desk.succeed("user add rajan", "x\n");
		const hash = desk.document().users[0]?.password;
		desk.put({
			groups: [{ name: "family" }],
			users: [
				{ name: "rajan", password: hash, groups: ["family"], rules: [{ effect: "allow", action: "all", filter: "#" }] },
				{ name: "meera", password: hash, enabled: false },
				{ name: "old", password: hash, expires: "2020-01-01" },
				{ name: "new", note: "bell\u0007\u001b[2J" },
			],
		});
		expect((await desk.succeed("user list")).split("\n")).toEqual([
			"NAME   STATE        GROUPS  RULES  NOTE",
			"rajan  enabled      family  1",
			"meera  disabled             0",
			"old    expired              0",
			"new    no password          0      bell\ufffd\ufffd[2J",
			"",
		]);
	});

	test("A10 list and show give JSON, and nothing of a password", async () => {
		await desk.succeed("user add rajan", "x\n");
		await desk.succeed("group add family rajan");
		await desk.succeed("rule add --group family allow receive home/#");
		const listed = await desk.succeed("user list --format json");
		const shown = await desk.succeed("user show rajan --format json");
		const view = {
			name: "rajan",
			hasPassword: true,
			enabled: true,
			groups: ["family"],
			clientIds: null,
			expires: null,
			note: "",
			rules: [],
		};
		const rule = { effect: "allow", action: "receive", filter: "home/#", priority: 0 };
		expect(JSON.parse(listed)).toEqual([view]);
		expect(JSON.parse(shown)).toEqual({ ...view, groupRules: [{ group: "family", rules: [rule] }] });
		const text = await desk.succeed("user show rajan");
		expect(text).toContain('  allow receive home/#  group "family"\n');
		for (const answer of [listed, shown, text]) expect(answer).not.toContain("argon2");
	});

	test("list says so when there are none", async () => {
		desk.put({});
		expect(await desk.succeed("user list")).toBe("There are no users.\n");
	});
});

// Only root can give files away, as it does under sudo.
(process.getuid?.() === 0 ? describe : describe.skip)("under sudo", () => {
	test("what is made belongs to whom the folder belongs, so that the broker can read it", async () => {
		const { chownSync, mkdirSync } = await import("node:fs");
		const data = `${dirname(dirname(desk.file))}/data`;
		mkdirSync(data);
		chownSync(data, 1000, 1000);
		await desk.workshop.run(["user", "add", "rajan", "--generate", "--data", data, "--broker", "b1"]);
		for (const path of ["flowbroker", "flowbroker/b1", "flowbroker/b1/access.json"]) {
			const { uid, gid } = statSync(`${data}/${path}`);
			expect({ path, uid, gid }).toEqual({ path, uid: 1000, gid: 1000 });
		}
	});
});
