import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { hashOf } from "../../broker/access/vectors";
import { AccessDesk } from "./access-desk";

let desk: AccessDesk;
const inCwd = (name: string) => join(desk.workshop.cwd, name);
const read = (name: string) => readFileSync(inCwd(name), "utf8");

const allow = (action: string, filter: string) => ({ effect: "allow", action, filter });
const simple = {
	anonymous: { enabled: true, rules: [allow("receive", "weather/#")] },
	users: [
		{ name: "alice", password: hashOf("alice"), rules: [allow("all", "home/#")] },
		{ name: "bob", password: hashOf("bob"), rules: [allow("publish", "sensors/+")] },
	],
};

beforeAll(() => {
	desk = new AccessDesk();
});
beforeEach(() => {
	for (const name of readdirSync(desk.workshop.cwd)) rmSync(inCwd(name), { recursive: true });
	desk.put(simple);
});
afterAll(() => desk.remove());

const both = "access export --password-file passwd --acl-file acl";

describe("flowbroker access export", () => {
	test("writes both files, for their owner only, and what mosquitto.conf needs", async () => {
		const { code, stdout, stderr } = await desk.run(both);
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		expect(read("passwd")).toBe(`alice:${hashOf("alice")}\nbob:${hashOf("bob")}\n`);
		expect(read("acl")).toBe(
			"topic read weather/#\n\nuser alice\ntopic readwrite home/#\n\nuser bob\ntopic write sensors/+\n",
		);
		expect(stdout.split("\n")).toEqual([
			"Note: Mosquitto grants every subscription, and checks what is delivered.",
			`Wrote 2 users to ${inCwd("passwd")}.`,
			`Wrote the rules to ${inCwd("acl")}.`,
			"For mosquitto.conf:",
			"allow_anonymous true",
			`password_file ${inCwd("passwd")}`,
			`acl_file ${inCwd("acl")}`,
			"",
		]);
		for (const name of ["passwd", "acl"]) expect(statSync(inCwd(name)).mode & 0o777).toBe(0o600);
		expect(readdirSync(desk.workshop.cwd).sort()).toEqual(["acl", "passwd"]);
	});

	test("comes back the same by an import", async () => {
		await desk.succeed(both);
		desk.put(undefined);
		await desk.succeed("access import --password-file passwd --acl-file acl --anonymous");
		expect(await desk.run("rule test --user bob publish sensors/1")).toMatchObject({ code: 0 });
		expect(await desk.run("rule test --user bob receive sensors/1")).toMatchObject({ code: 1 });
		expect(await desk.run("rule test --anonymous receive weather/wind")).toMatchObject({ code: 0 });
	});

	test("overwrites nothing without --force, and leaves nothing half done", async () => {
		writeFileSync(inCwd("acl"), "mine");
		const { code, stdout, stderr } = await desk.run(both);
		expect({ code, stdout, stderr }).toEqual({
			code: 2,
			stdout: "",
			stderr: `flowbroker: ${inCwd("acl")} is there already: name another file, or say --force.\n`,
		});
		expect(read("acl")).toBe("mine");
		expect(readdirSync(desk.workshop.cwd)).toEqual(["acl"]);
		await desk.succeed(`${both} --force`);
		expect(read("acl")).toContain("user alice\n");
	});

	test("lists what Mosquitto's files can't say, and writes nothing without --partial", async () => {
		desk.put({
			users: [
				...simple.users,
				{ name: "co:lon", password: hashOf("alice") },
				{ name: "new" },
				{ name: "cellar", password: hashOf("bob"), clientIds: ["c1"], rules: [allow("publish", "a/%c")] },
			],
		});
		const problems = [
			'user "co:lon": the user name contains a colon: left out',
			'user "new": the user has no password: left out',
			'user "cellar": Mosquitto cannot limit the client ids: any may be used',
			'user "cellar": "allow publish a/%c" is left out: %c can only stand in a pattern for everybody',
		];
		const { code, stdout, stderr } = await desk.run(both);
		expect(stderr.split("\n")).toEqual([
			...problems,
			"flowbroker: Nothing was written: Mosquitto's files can't say these 4 things. Say --partial to go on without.",
			"",
		]);
		expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
		expect(readdirSync(desk.workshop.cwd)).toEqual([]);
		const partial = await desk.run(`${both} --partial`);
		expect(partial).toMatchObject({ code: 0, stderr: `${problems.join("\n")}\n` });
		expect(read("passwd").match(/^\w+/gm)).toEqual(["alice", "bob", "cellar"]);
	});

	test("says that argon2id needs Mosquitto 2.1, and leaves such users out for 2.0", async () => {
		desk.put({ users: [...simple.users, { name: "frank", password: hashOf("frank"), rules: [allow("all", "x")] }] });
		expect(await desk.succeed("access export --password-file passwd")).toContain("Its passwords need Mosquitto 2.1");
		expect(read("passwd")).toContain(`frank:${hashOf("frank")}\n`);
		const { code, stderr } = await desk.run(`${both} --mosquitto 2.0 --force`);
		expect(code).toBe(1);
		expect(stderr).toContain(
			'user "frank": the password is stored with argon2id, which Mosquitto before 2.1 does not know: left out\n',
		);
		await desk.succeed(`${both} --mosquitto 2.0 --force --partial`);
		expect(`${read("passwd")}${read("acl")}`).not.toContain("frank");
	});

	test.each([
		{ line: "access export", code: 2, says: "Name a file: --password-file FILE, --acl-file FILE, or both." },
		{
			line: "access export --password-file a --acl-file ./a",
			code: 2,
			says: "--password-file and --acl-file need different",
		},
		{
			line: "access export --password-file a --mosquitto 1.6",
			code: 2,
			says: "--mosquitto 1.6 is not known: say 2.0 or 2.1.",
		},
		{
			line: "access export --password-file no/a",
			code: 1,
			says: "ROOT/cwd/no/a can't be written: there is no such folder.",
		},
		{
			line: "access export --password-file ../access/access.json --force",
			code: 2,
			says: "ROOT/access/access.json is the file",
		},
	])("refuses $line with one sentence", async ({ line, code, says }) => {
		const outcome = await desk.run(line);
		expect(outcome.stderr.replaceAll(desk.workshop.root, "ROOT")).toContain(`flowbroker: ${says}`);
		expect(outcome.stderr.trim().split("\n")).toHaveLength(1);
		expect(outcome).toMatchObject({ code, stdout: "" });
		expect(existsSync(inCwd("a"))).toBe(false);
		expect(desk.document()).toMatchObject(simple);
	});
});
