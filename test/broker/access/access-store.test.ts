import { mkdir, readdir, readFile, rename, rm, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import {
	type AccessChange,
	AccessStore,
	type AccessStoreOptions,
	emptyDocument,
	type FileProblem,
	type LoginResult,
	PasswordHasher,
	type Rule,
} from "../../../broker/access";
import { temporaryDirectories } from "./temporary";
import { hashOf } from "./vectors";

const newDirectory = temporaryDirectories();
const stores: AccessStore[] = [];
afterEach(async () => {
	await Promise.all(stores.splice(0).map((store) => store.stop()));
});

const allow = (filter: string): Rule => ({ effect: "allow", action: "all", filter, priority: 0 });
const deny = (filter: string): Rule => ({ effect: "deny", action: "all", filter, priority: 0 });

interface Opened {
	readonly store: AccessStore;
	readonly file: string;
	readonly problems: FileProblem[];
	/** Waits for the next problem, or the next change. */
	nextProblem(): Promise<FileProblem>;
	nextChange(): Promise<AccessChange>;
}

/** A store that runs. @param content of the file before the start: text, or a document without version */
async function open(content?: string | object, options: Partial<AccessStoreOptions> = {}): Promise<Opened> {
	const file = options.file ?? join(await newDirectory(), "access.json");
	if (content !== undefined) await writeFile(file, textOf(content));
	const problems: FileProblem[] = [];
	let told: (problem: FileProblem) => void = () => {};
	const onProblem = (problem: FileProblem) => {
		problems.push(problem);
		told(problem);
	};
	const store = new AccessStore({ throttle: { delay: 0 }, onProblem, ...options, file });
	stores.push(store);
	await store.start();
	return {
		store,
		file,
		problems,
		nextProblem: () =>
			new Promise((resolve) => {
				told = resolve;
			}),
		nextChange: () =>
			new Promise((resolve) => {
				const end = store.onChange((change) => {
					end();
					resolve(change);
				});
			}),
	};
}

function textOf(content: string | object): string {
	return typeof content === "string" ? content : JSON.stringify({ version: 1, ...content });
}

const login = (store: AccessStore, username?: string, password?: string, clientId = "c1"): Promise<LoginResult> =>
	store.login({
		clientId,
		address: "10.0.0.1",
		listener: "tcp",
		...(username === undefined ? {} : { username }),
		...(password === undefined ? {} : { password: Buffer.from(password) }),
	});

/** `ok`, or why not. */
async function outcome(result: Promise<LoginResult>): Promise<string> {
	const answer = await result;
	return answer.ok ? "ok" : answer.refusal;
}

const frank = { name: "frank", password: hashOf("frank"), rules: [allow("home/%u/#"), deny("home/+/secret")] };
const PASSWORD = "s3cret!";

describe("logging in", () => {
	test("A1 only the right password of a known user logs in", async () => {
		const { store } = await open({ users: [frank] });
		expect(await outcome(login(store, "frank", PASSWORD))).toBe("ok");
		for (const [user, password] of [
			["frank", "wrong"],
			["frank", ""],
			["frank", undefined],
			["Frank", PASSWORD],
			["", PASSWORD],
			["", ""],
			[undefined, PASSWORD],
			["nobody", PASSWORD],
			["__proto__", PASSWORD],
			["constructor", PASSWORD],
		] as const) {
			expect([user, password, await outcome(login(store, user, password))]).toEqual([user, password, "bad-password"]);
		}
		expect(await outcome(login(store))).toBe("not-allowed");
	});

	test("A2 an unknown user, a wrong password and a user without password get the very same answer", async () => {
		const { store } = await open({ users: [frank, { name: "empty" }, { ...frank, name: "off", enabled: false }] });
		const answers = await Promise.all(
			["frank", "nobody", "empty", "off"].map((user) => login(store, user, "wrong password")),
		);
		expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
	});

	test("A2 an unknown user, one without password and one with an old hash cost as much as any other", async () => {
		const { store } = await open({ users: [{ name: "empty" }, { ...frank, name: "bob", password: hashOf("bob") }] });
		const costly = jest.spyOn(PasswordHasher.prototype, "verifyNothing");
		for (const user of ["nobody", "empty", "bob"]) {
			costly.mockClear();
			await login(store, user, "wrong password");
			expect([user, costly.mock.calls.length]).toEqual([user, 1]);
		}
		costly.mockRestore();
	});

	test("who is disabled, expired or has another client id is told so only with the right password", async () => {
		const { store } = await open({
			users: [
				{ ...frank, name: "off", enabled: false },
				{ ...frank, name: "old", expires: "2020-01-01" },
				{ ...frank, name: "later", expires: "2999-01-01T00:00:00Z", clientIds: ["c1", "c2"] },
				{ ...frank, name: "none", clientIds: [] },
			],
		});
		expect(await outcome(login(store, "off", PASSWORD))).toBe("not-allowed");
		expect(await outcome(login(store, "off", "wrong"))).toBe("bad-password");
		expect(await outcome(login(store, "old", PASSWORD))).toBe("not-allowed");
		expect(await outcome(login(store, "later", PASSWORD))).toBe("ok");
		expect(await outcome(login(store, "later", PASSWORD, "c3"))).toBe("client-id");
		expect(await outcome(login(store, "none", PASSWORD))).toBe("client-id");
		expect(["off", "old", "later", "nobody"].map((name) => store.isUser(name))).toEqual([false, false, true, false]);
	});

	test("anonymous clients log in only where that is on, and have rules of their own", async () => {
		const { store } = await open({ anonymous: { enabled: true, rules: [allow("public/#")] }, users: [frank] });
		const answer = await login(store);
		if (!answer.ok) throw new Error(answer.reason);
		expect(answer.access.user).toBeNull();
		expect(answer.access.mayPublish("public/x").allow).toBe(true);
		expect(answer.access.mayPublish("home/frank/x").allow).toBe(false);
		const other = await login(store, "frank", PASSWORD);
		expect(other.ok && other.access.mayPublish("public/x").allow).toBe(false);
	});

	test("an old hash is replaced at the next login, without ending sessions", async () => {
		const { store, file, nextChange } = await open({ users: [{ ...frank, name: "bob", password: hashOf("bob") }] });
		expect(await outcome(login(store, "bob", "wrong"))).toBe("bad-password");
		const change = nextChange();
		expect(await outcome(login(store, "bob", PASSWORD))).toBe("ok");
		expect((await change).users).toEqual(new Set());
		const text = await readFile(file, "utf8");
		expect(text).toContain("$argon2id$v=19$m=47104,t=1,p=1$");
		expect(text).not.toContain("$7$");
		expect(await outcome(login(store, "bob", PASSWORD))).toBe("ok");
	});

	test("A6 after some wrong passwords even the right one is refused for a while, and the ban is seen and lifted", async () => {
		const { store } = await open({ users: [frank] }, { throttle: { delay: 0, failuresPerUser: 2 } });
		await login(store, "frank", "wrong");
		await login(store, "frank", "wrong");
		const answer = await login(store, "frank", PASSWORD);
		expect(answer).toMatchObject({ ok: false, refusal: "banned", reason: expect.stringContaining("10.0.0.1") });
		expect(store.bans()).toMatchObject([{ address: "10.0.0.1", user: "frank" }]);
		expect(store.liftBan("10.0.0.1", "frank")).toBe(true);
		expect(await outcome(login(store, "frank", PASSWORD))).toBe("ok");
	});

	test("M12 a flood of wrong passwords is cut off by the ban while it waits in the line", async () => {
		const { store } = await open({ users: [frank] }, { throttle: { delay: 0, failuresPerUser: 2 } });
		const answers = await Promise.all(Array.from({ length: 30 }, () => outcome(login(store, "frank", "wrong"))));
		expect(answers.filter((each) => each === "bad-password").length).toBeLessThanOrEqual(4);
		expect(answers.filter((each) => each === "banned").length).toBeGreaterThanOrEqual(26);
	});
});

describe("rights of a session", () => {
	test("follow every change at once, without a new login", async () => {
		const { store, nextChange } = await open({ users: [frank] });
		const answer = await login(store, "frank", PASSWORD);
		if (!answer.ok) throw new Error(answer.reason);
		const { access } = answer;
		expect(access.mayReceive("home/frank/x").allow).toBe(true);
		expect(access.maySubscribe("#").allow).toBe(true);
		expect(access.mayReceive("home/frank/secret")).toMatchObject({ allow: false });
		const change = nextChange();
		await store.addRule({ user: "frank" }, deny("home/frank/x"));
		expect((await change).users).toEqual(new Set());
		expect(access.mayReceive("home/frank/x").allow).toBe(false);
		await store.removeRule({ user: "frank" }, deny("home/frank/x"));
		expect(access.mayReceive("home/frank/x").allow).toBe(true);
		await store.removeUser("frank");
		expect(access.mayReceive("home/frank/x").allow).toBe(false);
		expect(access.maySubscribe("#").allow).toBe(false);
	});

	test("are those of the user and of the groups, as one list", async () => {
		const { store } = await open({
			groups: [
				{ name: "guests", rules: [deny("home/garage"), allow("news/#")] },
				{ name: "__proto__", rules: [allow("proto")] },
			],
			users: [{ name: "eve", groups: ["guests", "__proto__"], rules: [allow("home/#")] }],
		});
		const may = (topic: string) => store.explain("eve", "c", "publish", topic).allow;
		expect(["home/light", "home/garage", "news/x", "proto", "other"].map(may)).toEqual([
			true,
			false,
			true,
			true,
			false,
		]);
	});

	test("Z13 a client of this process has the rights of the user it is given", async () => {
		const { store } = await open({ users: [frank] });
		expect(store.session("frank", "flow").mayPublish("home/frank/x").allow).toBe(true);
		expect(store.session("frank", "flow").mayPublish("home/eve/x").allow).toBe(false);
		expect(() => store.session("nobody", "flow")).toThrow(expect.objectContaining({ code: "USER_UNKNOWN" }));
	});

	test("more topics than a session remembers are decided all the same", async () => {
		const { store } = await open({ users: [frank] });
		const session = store.session("frank", "flow");
		for (let n = 0; n < 2500; n++) expect(session.mayPublish(`home/frank/${n}`).allow).toBe(true);
		expect(session.mayPublish(`home/eve/${"x".repeat(10_000)}`).allow).toBe(false);
		expect(session.mayPublish("home/frank/0").allow).toBe(true);
	});

	test("explain names the rule that decides", async () => {
		const { store } = await open({ users: [frank, { ...frank, name: "off", enabled: false }] });
		expect(store.explain("frank", "c", "receive", "home/frank/secret")).toMatchObject({
			allow: false,
			rule: deny("home/+/secret"),
			source: 'user "frank"',
		});
		expect(store.explain("frank", "c", "subscribe", "other/#")).toMatchObject({ allow: false, rule: null });
		expect(store.explain("off", "c", "publish", "home/off/x")).toMatchObject({
			allow: false,
			reason: expect.stringContaining("disabled"),
		});
		const code = (run: () => unknown) => {
			try {
				return run();
			} catch (error) {
				return (error as { code: string }).code;
			}
		};
		expect(code(() => store.explain("nobody", "c", "publish", "a"))).toBe("USER_UNKNOWN");
		expect(code(() => store.explain("frank", "c", "publish", "a/#"))).toBe("TOPIC_INVALID");
		expect(code(() => store.explain("frank", "c", "subscribe", "a#"))).toBe("FILTER_INVALID");
	});
});

describe("changing users, groups and rules", () => {
	test("what was changed is in the file when the promise resolves, and after a new start", async () => {
		const { store, file } = await open();
		await store.addGroup("guests", { rules: [allow("news/#")] });
		await store.addUser("eve", "pass word", { groups: ["guests"], note: "a guest", clientIds: ["e1"] });
		await store.setDefaults({ receive: "allow" });
		await store.setAnonymous({ enabled: true });
		await store.addRule({ anonymous: true }, allow("public"));
		await store.addRule({ group: "guests" }, deny("news/secret"));
		const again = (await open(undefined, { file })).store;
		expect(again.users()).toEqual(store.users());
		expect(again.groups()).toEqual(store.groups());
		expect([again.defaults, again.anonymous]).toEqual([store.defaults, store.anonymous]);
		expect(await outcome(login(again, "eve", "pass word", "e1"))).toBe("ok");
	});

	test("A10 views and errors never have a hash", async () => {
		const { store, file, nextProblem } = await open({ users: [frank] });
		expect(JSON.stringify([store.users(), store.user("frank")])).not.toContain("argon2");
		expect(store.user("frank")).toMatchObject({ name: "frank", hasPassword: true });
		const problem = nextProblem();
		await writeFile(file, (await readFile(file, "utf8")).replace("argon2id", "argon3id"));
		const { error } = await problem;
		expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(/AAECAwQF|cSyfmPLZ/);
	});

	test.each<[string, (store: AccessStore) => Promise<void>, string]>([
		["A5 an empty password", (store) => store.addUser("eve", ""), "PASSWORD_EMPTY"],
		["A5 an empty new password", (store) => store.setPassword("frank", ""), "PASSWORD_EMPTY"],
		["A5 an empty user name", (store) => store.addUser("", "x"), "USER_INVALID"],
		["a name with blanks around it", (store) => store.addUser(" eve", "x"), "USER_INVALID"],
		["a name with a control character", (store) => store.addUser("e\nve", "x"), "USER_INVALID"],
		["a user who exists", (store) => store.addUser("frank", "x"), "USER_EXISTS"],
		["an unknown user", (store) => store.setEnabled("eve", true), "USER_UNKNOWN"],
		["a password for an unknown user", (store) => store.setPassword("eve", "x"), "USER_UNKNOWN"],
		["removing an unknown user", (store) => store.removeUser("__proto__"), "USER_UNKNOWN"],
		["an unknown group of a user", (store) => store.modifyUser("frank", { groups: ["x"] }), "USER_INVALID"],
		["a date that is none", (store) => store.modifyUser("frank", { expires: "2027-02-30" }), "USER_INVALID"],
		["a change of the hash", (store) => store.modifyUser("frank", { password: "x" } as object), "USER_INVALID"],
		["a group without name", (store) => store.addGroup(""), "GROUP_INVALID"],
		["removing an unknown group", (store) => store.removeGroup("x"), "GROUP_UNKNOWN"],
		["a rule with a wrong filter", (store) => store.addRule({ user: "frank" }, allow("a#")), "RULE_INVALID"],
		["%u inside a level", (store) => store.addRule({ user: "frank" }, allow("x%u/a")), "RULE_INVALID"],
		["a rule that is not there", (store) => store.removeRule({ user: "frank" }, allow("a")), "RULE_UNKNOWN"],
		["a wrong default", (store) => store.setDefaults({ publish: "maybe" as "allow" }), "ACCESS_INVALID"],
		["a wrong document", (store) => store.replaceDocument({ ...emptyDocument, users: 1 } as never), "ACCESS_INVALID"],
	])("%s is refused, and nothing is changed", async (_, change, code) => {
		const { store, file } = await open({ users: [frank] });
		const before = await readFile(file, "utf8");
		await expect(change(store)).rejects.toMatchObject({ code });
		expect(await readFile(file, "utf8")).toBe(before);
		expect(store.users().map(({ name }) => name)).toEqual(["frank"]);
	});

	test("A8 sessions end after a new password, a removal, a disabling, narrower client ids, and anonymous off", async () => {
		const { store } = await open({ anonymous: { enabled: true }, users: [frank, { ...frank, name: "eve" }] });
		const told: Array<Array<string | null>> = [];
		store.onChange(({ users }) => told.push([...users]));
		await store.setPassword("frank", "another");
		await store.modifyUser("frank", { clientIds: ["a", "b"] });
		await store.modifyUser("frank", { clientIds: ["a", "b", "c"] });
		await store.modifyUser("frank", { clientIds: null, note: "x" });
		await store.setEnabled("frank", false);
		await store.setEnabled("frank", true);
		await store.removeUser("eve");
		await store.setAnonymous({ enabled: false });
		expect(told).toEqual([["frank"], ["frank"], [], [], ["frank"], [], ["eve"], [null]]);
	});

	test("a listener is told until it ends that, and one that throws harms nobody", async () => {
		const { store } = await open({ users: [frank] });
		const warn = jest.spyOn(process, "emitWarning").mockImplementation(() => {});
		let told = 0;
		store.onChange(() => {
			throw new Error("a fault in a listener");
		});
		const end = store.onChange(() => void told++);
		await store.setEnabled("frank", false);
		end();
		await store.setEnabled("frank", true);
		expect(told).toBe(1);
		expect(warn).toHaveBeenCalledWith(expect.stringContaining("a fault in a listener"));
		warn.mockRestore();
	});

	test("removing a group takes its users out of it", async () => {
		const { store } = await open({ groups: [{ name: "g" }], users: [{ ...frank, groups: ["g"] }] });
		await store.removeGroup("g");
		expect(store.user("frank")?.groups).toEqual([]);
		expect(store.groups()).toEqual([]);
	});

	test("changes at the same time are all made, and one that fails does not stop the others", async () => {
		const { store, file } = await open();
		const names = Array.from({ length: 50 }, (_, n) => `user${n}`);
		const results = await Promise.allSettled([
			...names.map((name) => store.addUser(name, null)),
			store.removeUser("nobody"),
		]);
		expect(results.filter(({ status }) => status === "rejected")).toHaveLength(1);
		const stored = JSON.parse(await readFile(file, "utf8")) as { users: Array<{ name: string }> };
		expect(stored.users.map(({ name }) => name)).toEqual(names);
	});

	test("a user who expires while connected may do nothing any more, and is told of", async () => {
		const soon = Date.now() + 300;
		const { store, nextChange } = await open({ users: [{ ...frank, expires: new Date(soon).toISOString() }] });
		const session = store.session("frank", "c");
		expect(session.mayPublish("home/frank/x").allow).toBe(true);
		expect((await nextChange()).users).toEqual(new Set(["frank"]));
		expect(session.mayPublish("home/frank/x")).toMatchObject({ allow: false, reason: "the user has expired" });
	});
});

describe("stopping", () => {
	test("works during the start, and a new start works as the first one", async () => {
		const { store, file } = await open({ users: [frank] });
		await store.stop();
		expect(await outcome(login(store, "frank", PASSWORD))).toBe("fault");
		await Promise.all([store.start(), store.stop()]);
		await writeFile(file, textOf({ users: [{ ...frank, name: "eve" }] }));
		await store.start();
		expect(await outcome(login(store, "eve", PASSWORD))).toBe("ok");
		expect(await outcome(login(store, "frank", PASSWORD))).toBe("bad-password");
	});
});

describe("the file", () => {
	test("is written in one step, for its owner only, and leaves nothing else behind", async () => {
		const file = join(await newDirectory(), "deeper", "access.json");
		const { store } = await open(undefined, { file });
		await store.addUser("eve", null);
		const { ino, mode } = await stat(file);
		expect(mode & 0o777).toBe(0o600);
		await store.addUser("bob", null);
		expect((await stat(file)).ino).not.toBe(ino);
		expect(await readdir(join(file, ".."))).toEqual(["access.json"]);
	});

	test("that cannot be written refuses the change and keeps everything as it was", async () => {
		const { store, file } = await open({ users: [frank] });
		const elsewhere = `${join(file, "..")}-elsewhere`;
		await rename(join(file, ".."), elsewhere);
		await expect(store.removeUser("frank")).rejects.toMatchObject({ code: "ACCESS_FILE_UNWRITABLE" });
		await rename(elsewhere, join(file, ".."));
		expect(await outcome(login(store, "frank", PASSWORD))).toBe("ok");
		await store.removeUser("frank");
		expect(await readFile(file, "utf8")).not.toContain("frank");
	});

	test("absent at the start: nobody may do anything, or what was said for that case", async () => {
		expect(await outcome(login((await open()).store))).toBe("not-allowed");
		const whenMissing = { ...emptyDocument, anonymous: { enabled: true, rules: [allow("#")] } };
		expect(await outcome(login((await open(undefined, { whenMissing })).store))).toBe("ok");
	});

	test("edited by hand is taken over", async () => {
		const { store, file, nextChange } = await open({ users: [frank] });
		const change = nextChange();
		await writeFile(file, textOf({ users: [{ ...frank, name: "eve" }] }));
		expect((await change).users).toEqual(new Set(["frank"]));
		expect(await outcome(login(store, "eve", PASSWORD))).toBe("ok");
		expect(await outcome(login(store, "frank", PASSWORD))).toBe("bad-password");
	});

	test("replaced by a rename, or written with a byte order mark, is taken over", async () => {
		const { store, file, nextChange } = await open();
		const change = nextChange();
		await writeFile(`${file}.new`, `\ufeff${textOf({ users: [frank] })}`);
		await rename(`${file}.new`, file);
		await change;
		expect(store.user("frank")).toBeDefined();
	});

	test("a hand edit that is not noticed yet is not overwritten by a change", async () => {
		const { store, file } = await open({ users: [frank] });
		await writeFile(file, textOf({ users: [frank, { name: "by hand" }] }));
		await store.addUser("by program", null);
		expect(store.users().map(({ name }) => name)).toEqual(["frank", "by hand", "by program"]);
	});

	test.each([
		["not JSON", '{"version": 1,\n"users": [\n}', 3, /[Ll]ine 3/],
		["an unknown version", '{"version": 2}', null, /version/],
		["a misspelt name", { users: [{ ...frank, rule: [] }] }, null, /users\[0\]\.rule /],
		["a wrong filter", { users: [{ name: "x", rules: [allow("a#")] }] }, null, /users\[0\]\.rules\[0\]\.filter/],
		["a rule without effect", { groups: [{ name: "x", rules: [{ filter: "a" }] }] }, null, /groups\[0\]\.rules\[0\]/],
		["an unknown group", { users: [{ name: "x", groups: ["y"] }] }, null, /users\[0\]\.groups\[0\]/],
		["a user twice", { users: [frank, frank] }, null, /users\[1\]\.name/],
		["a plain-text password", { users: [{ name: "x", password: "hunter2" }] }, null, /users\[0\]\.password/],
		["a key __proto__", '{"version": 1, "__proto__": {"users": []}}', null, /__proto__/],
		["a list", "[]", null, /object/],
		["empty", "", 1, /[Ll]ine 1/],
	])("A4 Z11 a broken edit (%s) keeps what was valid, and is told", async (_, content, line, sentence) => {
		const { store, file, nextProblem } = await open({ users: [frank] });
		const problem = nextProblem();
		await writeFile(file, textOf(content));
		expect(await problem).toMatchObject({ line, error: { code: "ACCESS_FILE_BROKEN" } });
		expect(store.problem?.error.message).toMatch(sentence);
		expect(store.problem?.error.message).not.toContain("hunter2");
		expect(await outcome(login(store, "frank", PASSWORD))).toBe("ok");
		expect(await outcome(login(store))).toBe("not-allowed");
	});

	test("changes are refused while a broken edit is in the file, which would be lost, and made when it is repaired", async () => {
		const { store, file, nextChange } = await open({ users: [frank] });
		await writeFile(file, '{"version": 1, "users": [{"name": "by hand"}]');
		await expect(store.addUser("eve", null)).rejects.toMatchObject({ code: "ACCESS_FILE_BROKEN" });
		expect(await readFile(file, "utf8")).toContain("by hand");
		const change = nextChange();
		await writeFile(file, '{"version": 1, "users": [{"name": "by hand"}]}');
		await change;
		expect(store.problem).toBeUndefined();
		await store.addUser("eve", null);
		expect(store.users().map(({ name }) => name)).toEqual(["by hand", "eve"]);
	});

	test("A4 broken at the start lets nobody in, not even whom an absent file would, until it is repaired", async () => {
		const whenMissing = { ...emptyDocument, anonymous: { enabled: true, rules: [allow("#")] } };
		const { store, file, problems, nextChange } = await open("{", { whenMissing });
		expect(problems).toHaveLength(1);
		expect(await outcome(login(store))).toBe("not-allowed");
		await expect(store.addUser("eve", "x")).rejects.toMatchObject({ code: "ACCESS_FILE_BROKEN" });
		const change = nextChange();
		await writeFile(file, textOf({ users: [frank] }));
		await change;
		expect(await outcome(login(store, "frank", PASSWORD))).toBe("ok");
	});

	test("A4 deleted while running keeps what was valid, and the next change writes it again", async () => {
		const { store, file, nextProblem } = await open({ users: [frank] });
		const problem = nextProblem();
		await unlink(file);
		expect((await problem).error.code).toBe("ACCESS_FILE_MISSING");
		expect(await outcome(login(store, "frank", PASSWORD))).toBe("ok");
		await store.addUser("eve", null);
		expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ users: [{ name: "frank" }, { name: "eve" }] });
		expect(store.problem).toBeUndefined();
	});

	test("A4 unreadable keeps what was valid", async () => {
		const { store, file, nextProblem } = await open({ users: [frank] });
		const problem = nextProblem();
		// Also the administrator cannot read a directory as a file.
		await rm(file);
		await mkdir(file);
		await problem;
		await store.reload();
		expect(await outcome(login(store, "frank", PASSWORD))).toBe("ok");
	});
});
