import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { hashOf } from "../../broker/access/vectors";
import { AccessDesk } from "./access-desk";

let desk: AccessDesk;
let passwords: string;
let acl: string;

beforeAll(() => {
	desk = new AccessDesk();
	passwords = join(desk.workshop.cwd, "passwd");
	acl = join(desk.workshop.cwd, "acl");
});
beforeEach(() => {
	desk.put(undefined);
	writeFileSync(passwords, `# home\nalice:${hashOf("alice")}\nbob:${hashOf("bob")}\n`);
	writeFileSync(
		acl,
		"topic read weather/#\n\nuser alice\ntopic readwrite home/#\ntopic deny home/safe\n\npattern read status/%u\n",
	);
});
afterAll(() => desk.remove());

const both = "access import --password-file passwd --acl-file acl";
const rule = (effect: string, action: string, filter: string, priority?: number) => ({
	effect,
	action,
	filter,
	...(priority === undefined ? {} : { priority }),
});
const patterns = { name: "mosquitto-patterns", rules: [rule("allow", "receive", "status/%u")] };

describe("flowbroker access import", () => {
	test("takes over both files, and says what it did", async () => {
		const { code, stdout, stderr } = await desk.run(both);
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		expect(stdout.split("\n")).toEqual([
			'added group "mosquitto-patterns": 1 rules',
			"clients without user name: 1 rules",
			'added user "alice": with password, 2 rules',
			'added user "bob": with password, 0 rules',
			`Imported into ${desk.file}.`,
			`${desk.file} was made.`,
			'Clients without user name are not let in from now on; "flowbroker access anonymous on" lets them in.',
			"",
		]);
		expect(desk.document()).toMatchObject({
			defaults: { publish: "deny", receive: "deny", subscribe: "deny" },
			anonymous: { enabled: false, rules: [rule("allow", "receive", "weather/#", 10)] },
			users: [
				{
					name: "alice",
					password: hashOf("alice"),
					groups: ["mosquitto-patterns"],
					rules: [rule("allow", "all", "home/#", 10), rule("deny", "all", "home/safe", 10)],
				},
				{ name: "bob", password: hashOf("bob"), groups: ["mosquitto-patterns"] },
			],
		});
		expect(await desk.run("rule test --user alice publish home/door")).toMatchObject({ code: 0 });
		expect(await desk.run("rule test --user alice publish home/safe")).toMatchObject({ code: 1 });
		expect(await desk.run("rule test --user bob receive status/bob")).toMatchObject({ code: 0 });
	});

	test("twice is the same as once", async () => {
		await desk.succeed(both);
		const before = desk.text();
		expect(await desk.succeed(both)).toBe(`All of it is there already.\nImported into ${desk.file}.\n`);
		expect(desk.text()).toBe(before);
	});

	test("of a password file alone allows everything to whom Mosquitto would", async () => {
		expect(await desk.succeed("access import --password-file passwd")).toContain(
			"where no rule matches: allow publish, allow receive, allow subscribe\n",
		);
		expect(await desk.run("rule test --user bob publish home/safe")).toMatchObject({ code: 0 });
	});

	test("A5 of a password file alone opens nothing where there are rules already", async () => {
		desk.put({ users: [{ name: "rajan" }] });
		expect(await desk.succeed("access import --password-file passwd")).toBe(
			`added user "alice": with password, no rules yet\nadded user "bob": with password, no rules yet\nImported into ${desk.file}.\n`,
		);
		expect(await desk.run("rule test --user bob publish home/safe")).toMatchObject({ code: 1 });
		expect(await desk.run("rule test --user rajan publish home/safe")).toMatchObject({ code: 1 });
	});

	test("of an ACL file alone takes the rules, and tells who can't log in", async () => {
		const { code, stdout, stderr } = await desk.run("access import --acl-file acl");
		expect(code).toBe(0);
		expect(stdout).toContain('added user "alice": no password, 2 rules\n');
		expect(stderr).toBe(
			"acl:4: warning: the user has rules but no password, and cannot log in until one is set (user alice)\n",
		);
	});

	test("keeps users that are there, and tells", async () => {
		desk.put({ users: [{ name: "alice", note: "mine", rules: [rule("allow", "publish", "x")] }], groups: [patterns] });
		expect(await desk.succeed(both)).toContain('kept user "alice": is there already, and --replace was not said\n');
		expect(desk.document().users[0]).toEqual({
			name: "alice",
			enabled: true,
			note: "mine",
			rules: [rule("allow", "publish", "x")],
		});
	});

	test("lets the files go before what is there with --replace, part by part", async () => {
		const mine = { name: "alice", enabled: false, note: "mine", rules: [rule("allow", "publish", "x")] };
		desk.put({ users: [{ ...mine, password: hashOf("erin") }, { name: "rajan" }] });
		expect(await desk.succeed("access import --password-file passwd --replace")).toContain(
			'changed user "alice": new password\n',
		);
		expect(desk.document().users[0]).toEqual({ ...mine, password: hashOf("alice") });
		const { stdout, stderr } = await desk.run("access import --acl-file acl --replace");
		expect(stdout).toContain('changed user "alice": 2 rules\n');
		// There is a password already.
		expect(stderr).toBe("");
		expect(desk.document().users).toMatchObject([
			{ name: "alice", enabled: false, note: "mine", password: hashOf("alice"), groups: ["mosquitto-patterns"] },
			{ name: "rajan" },
			{ name: "bob" },
		]);
	});

	test("changes what holds for others only with --replace", async () => {
		desk.put({
			defaults: { receive: "allow" },
			anonymous: { enabled: true, rules: [rule("allow", "all", "#")] },
			groups: [{ name: "mosquitto-patterns", rules: [rule("allow", "all", "#")] }],
		});
		const before = desk.text();
		const { code, stdout, stderr } = await desk.run(both);
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(stderr).toBe(
			'flowbroker: Nothing was imported, because it would change what holds for others: the file says, where no rule matches: deny publish, deny receive, deny subscribe; the group "mosquitto-patterns" has other rules; clients without user name have other rules. If the files are right, say --replace.\n',
		);
		expect(desk.text()).toBe(before);
		await desk.succeed(`${both} --replace`);
		expect(desk.document()).toMatchObject({
			defaults: { receive: "deny" },
			anonymous: { enabled: true, rules: [rule("allow", "receive", "weather/#", 10)] },
			groups: [patterns],
		});
	});

	test("lets clients without user name in only when that is said", async () => {
		expect(await desk.succeed(`${both} --anonymous`)).toContain("clients without user name are let in\n");
		expect(desk.document().anonymous.enabled).toBe(true);
		await desk.succeed(both);
		expect(desk.document().anonymous.enabled).toBe(true);
	});

	describe("with lines that can't be taken over", () => {
		const problems = [
			"passwd:1: error: it does not start with $6$, $7$, $argon2id$ or SCRAM-SHA-256$ (is it the password itself?) (mallory:...)",
			"passwd:2: warning: there is no colon: the line is ignored (...)",
			"passwd:4: error: it is damaged (carol:...)",
			"acl:2: error: a comment must start in the first column (  # note)",
			'acl:4: error: "forbid" is not read, write, readwrite or deny (a comment needs a line of its own) (topic forbid x)',
		];
		beforeEach(() => {
			writeFileSync(passwords, `mallory:hunter22\nhunter23\nbob:${hashOf("bob")}\ncarol:$6$x$y\n`);
			writeFileSync(acl, "user bob\n  # note\ntopic read a\ntopic forbid x\n");
		});

		test("A3 tells each with its file and line, and writes nothing", async () => {
			const { code, stdout, stderr } = await desk.run(both);
			expect(stderr.split("\n")).toEqual([
				...problems,
				"flowbroker: Nothing was imported: correct the 4 lines marked with error, or say --partial to go on without.",
				"",
			]);
			expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
			expect(() => desk.text()).toThrow("ENOENT");
		});

		test("A3 goes on without these lines with --partial, and tells them all the same", async () => {
			const { code, stderr } = await desk.run(`${both} --partial`);
			expect({ code, stderr }).toEqual({ code: 0, stderr: `${problems.join("\n")}\n` });
			expect(desk.document().users.map(({ name }) => name)).toEqual(["bob"]);
			expect(desk.text()).not.toContain("hunter2");
		});
	});

	test("does nothing but talk with --dry-run", async () => {
		expect(await desk.succeed(`${both} --dry-run`)).toContain(`Nothing was written to ${desk.file}: dry run.\n`);
		expect(() => desk.text()).toThrow("ENOENT");
		desk.put({});
		const before = desk.text();
		expect(await desk.succeed(`${both} --dry-run`)).toContain('added user "bob": with password, 0 rules\n');
		expect(desk.text()).toBe(before);
	});

	test.each([
		{ line: "access import", says: "Name a file: --password-file FILE, --acl-file FILE, or both." },
		{ line: "access import passwd", says: "There is a word too many." },
		{ line: "access import --acl-file nothing", says: "nothing can't be read: there is no such file." },
		{ line: "access import --acl-file .", says: ". can't be read: it is a folder." },
		{ line: "access import --acl-file latin1", says: "latin1:2: the line is not text in UTF-8." },
	])("refuses $line with one sentence", async ({ line, says }) => {
		writeFileSync(join(desk.workshop.cwd, "latin1"), Buffer.from("user bob\ntopic read k\xfcche\n", "latin1"));
		const { code, stdout, stderr } = await desk.run(line);
		expect(stderr.slice(0, 12 + says.length)).toBe(`flowbroker: ${says}`);
		expect(stderr.trim().split("\n")).toHaveLength(1);
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(() => desk.text()).toThrow("ENOENT");
	});
});
