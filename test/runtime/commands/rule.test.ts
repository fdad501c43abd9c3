import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { AccessDesk } from "./access-desk";

let desk: AccessDesk;

beforeAll(() => {
	desk = new AccessDesk();
});
beforeEach(() => desk.put({ users: [{ name: "rajan" }, { name: "meera" }], groups: [{ name: "family" }] }));
afterAll(() => desk.remove());

describe("flowbroker rule", () => {
	test("adds, lists, tests and removes rules of users, groups and clients without user name", async () => {
		await desk.succeed("group add family rajan");
		expect(await desk.succeed("rule add --user rajan allow publish garden/#")).toBe(
			'user "rajan": allow publish garden/# was added.\n',
		);
		await desk.succeed("rule add --group family deny all garden/gate --priority 10");
		await desk.succeed("rule add --user rajan allow receive $SYS/# --priority=-2.5");
		expect(await desk.succeed("rule add --anonymous allow receive weather/+")).toContain(
			'Clients without user name are not let in: "flowbroker access anonymous on" lets them in.',
		);
		expect((await desk.succeed("rule list")).split("\n")).toEqual([
			"WHOSE              EFFECT  ACTION   FILTER       PRIORITY",
			'user "rajan"       allow   publish  garden/#     0',
			'user "rajan"       allow   receive  $SYS/#       -2.5',
			'group "family"     deny    all      garden/gate  10',
			"anonymous clients  allow   receive  weather/+    0",
			"Where no rule matches: deny publish, deny receive, deny subscribe.",
			"Clients without user name are not let in.",
			"",
		]);
		expect(JSON.parse(await desk.succeed("rule list --user rajan --format json"))).toEqual({
			rules: [
				{ owner: { user: "rajan" }, effect: "allow", action: "publish", filter: "garden/#", priority: 0 },
				{ owner: { user: "rajan" }, effect: "allow", action: "receive", filter: "$SYS/#", priority: -2.5 },
			],
			defaults: { publish: "deny", receive: "deny", subscribe: "deny" },
			anonymous: false,
		});
		await desk.succeed("rule remove --group family deny all garden/gate --priority 10");
		expect(await desk.succeed("rule list --group family")).toContain("There are no rules.\n");
	});

	test("test says yes or no, why, and by its exit code", async () => {
		await desk.succeed("rule add --user rajan allow publish garden/#");
		expect(await desk.run("rule test --user rajan publish garden/door")).toEqual({
			code: 0,
			stdout: 'allowed: the rule "allow publish garden/#" of user "rajan"\n',
			stderr: "",
		});
		expect(await desk.run("rule test --user rajan publish door")).toEqual({
			code: 1,
			stdout: "denied: no rule matches, and the default for publish is deny\n",
			stderr: "",
		});
		const { code, stdout } = await desk.run("rule test --user rajan publish garden/door --format json --client-id c1");
		expect({ code, answer: JSON.parse(stdout) }).toEqual({
			code: 0,
			answer: {
				user: "rajan",
				clientId: "c1",
				action: "publish",
				topic: "garden/door",
				allow: true,
				reason: 'the rule "allow publish garden/#" of user "rajan"',
				rule: { effect: "allow", action: "publish", filter: "garden/#", priority: 0 },
				source: 'user "rajan"',
			},
		});
	});

	test("test answers for a user who is disabled, and for clients without user name", async () => {
		await desk.succeed("rule add --user rajan allow publish garden/#");
		await desk.succeed("user disable rajan");
		expect(await desk.run("rule test --user rajan publish garden/door")).toMatchObject({
			code: 1,
			stdout: "denied: the user is disabled\n",
		});
		await desk.succeed("rule add --anonymous allow receive weather/+");
		expect(await desk.run("rule test --anonymous receive weather/wind")).toMatchObject({ code: 1 });
		expect(await desk.succeed("access anonymous on")).toBe("Clients without user name are let in, with 1 rule.\n");
		expect(await desk.run("rule test --anonymous receive weather/wind")).toMatchObject({ code: 0 });
		expect(await desk.succeed("access anonymous off")).toBe("Clients without user name are not let in.\n");
	});

	test("test asks with the client id of a user who may have only that one", async () => {
		desk.put({
			users: [
				{ name: "cellar", clientIds: ["c1"], rules: [{ effect: "allow", action: "publish", filter: "sensors/%c" }] },
			],
		});
		expect(await desk.run("rule test --user cellar publish sensors/c1")).toMatchObject({ code: 0 });
		expect(await desk.run("rule test --user cellar publish sensors/c1 --client-id c2")).toMatchObject({ code: 1 });
	});

	test("a rule that is there is not added twice", async () => {
		await desk.succeed("rule add --user rajan allow publish garden/#");
		const before = desk.text();
		expect(await desk.succeed("rule add --user rajan allow publish garden/#")).toBe(
			'user "rajan": allow publish garden/# was there already.\n',
		);
		expect(desk.text()).toBe(before);
	});

	test.each([
		{ line: "rule add allow publish a", says: "Say whose rule it is: --user NAME, --group GROUP or --anonymous." },
		{ line: "rule add --user rajan --anonymous allow publish a", says: "Name only one of" },
		{ line: "rule add --user rajan", says: "Say allow or deny first." },
		{ line: "rule add --user rajan permit publish a", says: "Say allow or deny first." },
		{ line: "rule add --user rajan allow write a", says: "Behind allow, say publish, receive, subscribe or all." },
		{ line: "rule add --user rajan allow publish", says: "Say the topic filter in quotes, as in 'garden/#'." },
		{ line: "rule add --user rajan allow publish a b", says: "There is one word too many" },
		{ line: "rule add --user rajan allow publish a#", says: "rule.filter is not a topic filter" },
		{ line: "rule add --user rajan allow publish a --priority high", says: "--priority high is no number." },
		{ line: "rule add --user nobody allow publish a", says: 'There is no user "nobody".' },
		{ line: "rule add --group nobody allow publish a", says: 'There is no group "nobody".' },
		{ line: "rule remove --user rajan allow publish a", says: 'There is no rule "allow publish a" with priority 0' },
		{ line: "rule list --user nobody", says: 'There is no user "nobody".' },
		{ line: "rule list --group nobody", says: 'There is no group "nobody".' },
		{ line: "rule test publish a", says: "Say who: --user NAME, or --anonymous" },
		{ line: "rule test --user rajan write a", says: "Say publish, receive or subscribe." },
		{ line: "rule test --user rajan publish", says: "Say the topic" },
		{ line: "rule test --user rajan publish a/#", says: "A topic must not be empty, nor contain + or #." },
		{ line: "rule test --user rajan subscribe a#", says: "The topic filter is not valid" },
		{ line: "rule test --user nobody publish a", says: 'There is no user "nobody".' },
		{ line: "access anonymous maybe", says: "Say on or off." },
	])("refuses $line with one sentence, and changes nothing", async ({ line, says }) => {
		const before = desk.text();
		const { code, stdout, stderr } = await desk.run(line);
		expect(stderr.slice(0, 12 + says.length)).toBe(`flowbroker: ${says}`);
		expect(stderr.trim().split("\n")).toHaveLength(1);
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(desk.text()).toBe(before);
	});
});

describe("flowbroker group", () => {
	test("makes groups, puts users in and takes them out", async () => {
		expect(await desk.succeed(["group", "add", "sensors", "--note", "in the garden"])).toBe(
			'The group "sensors" was added.\n',
		);
		expect(await desk.succeed("group add family rajan meera rajan")).toContain(
			'The user "rajan" is in the group "family".\nThe user "meera" is in the group "family".\n',
		);
		expect((await desk.succeed("group list")).split("\n")).toEqual([
			"NAME     RULES  USERS         NOTE",
			"family   0      rajan, meera",
			"sensors  0                    in the garden",
			"",
		]);
		expect(await desk.succeed("group remove family meera")).toBe(
			'The user "meera" is not in the group "family" any more.\n',
		);
		expect(JSON.parse(await desk.succeed("group list --format json"))).toEqual([
			{ name: "family", note: "", rules: [], users: ["rajan"] },
			{ name: "sensors", note: "in the garden", rules: [], users: [] },
		]);
		expect(await desk.succeed("group remove family")).toBe('The group "family" was removed.\n');
		expect(desk.document().users).toEqual([
			{ name: "rajan", enabled: true },
			{ name: "meera", enabled: true },
		]);
	});

	test.each([
		{ line: "group add", says: "Say the name of the group." },
		{ line: "group add family", says: 'There is a group "family" already' },
		{ line: "group add family nobody", says: 'There is no user "nobody".' },
		{ line: "group add new rajan nobody", says: 'There is no user "nobody".' },
		{ line: "group remove nobody", says: 'There is no group "nobody". To see all: "flowbroker group list".' },
		{ line: "group remove family rajan", says: 'The user "rajan" is not in a group "family"' },
		{ line: "group remove family nobody", says: 'There is no user "nobody".' },
	])("refuses $line with one sentence, and changes nothing", async ({ line, says }) => {
		const before = desk.text();
		const { code, stdout, stderr } = await desk.run(line);
		expect(stderr.slice(0, 12 + says.length)).toBe(`flowbroker: ${says}`);
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(desk.text()).toBe(before);
	});
});
