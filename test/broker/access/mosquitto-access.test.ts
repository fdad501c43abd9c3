import { rename, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import {
	type AccessChange,
	type FileProblem,
	type LoginResult,
	MosquittoAccess,
	type MosquittoAccessOptions,
} from "../../../broker/access";
import { temporaryDirectories } from "./temporary";
import { hashOf, vectors } from "./vectors";

const newDirectory = temporaryDirectories();
const running: MosquittoAccess[] = [];
afterEach(async () => {
	await Promise.all(running.splice(0).map((access) => access.stop()));
});

const ALICE = `alice:${hashOf("alice")}\n`;
const RIGHT = "correct horse";

interface Given {
	readonly passwords?: string;
	readonly acl?: string;
	readonly anonymous?: boolean;
	readonly options?: Partial<MosquittoAccessOptions>;
}

async function open({ passwords, acl, anonymous = false, options = {} }: Given) {
	const directory = await newDirectory();
	const passwordFile = join(directory, "passwd");
	const aclFile = join(directory, "acl");
	if (passwords !== undefined) await writeFile(passwordFile, passwords);
	if (acl !== undefined) await writeFile(aclFile, acl);
	const problems: FileProblem[] = [];
	let told: (problem: FileProblem) => void = () => {};
	const access = new MosquittoAccess({
		anonymous,
		throttle: { delay: 0 },
		...(passwords === undefined ? {} : { passwordFile }),
		...(acl === undefined ? {} : { aclFile }),
		onProblem: (problem) => {
			problems.push(problem);
			told(problem);
		},
		...options,
	});
	running.push(access);
	await access.start();
	const nextProblem = () =>
		new Promise<FileProblem>((resolve) => {
			told = resolve;
		});
	const nextChange = () =>
		new Promise<AccessChange>((resolve) => {
			const end = access.onChange((change) => {
				end();
				resolve(change);
			});
		});
	return { access, passwordFile, aclFile, problems, nextProblem, nextChange };
}

function login(access: MosquittoAccess, username?: string, password?: string): Promise<LoginResult> {
	return access.login({
		clientId: "cid",
		address: "10.0.0.1",
		listener: "tcp",
		...(username === undefined ? {} : { username }),
		...(password === undefined ? {} : { password: Buffer.from(password) }),
	});
}

async function session(access: MosquittoAccess, username?: string, password?: string) {
	const result = await login(access, username, password);
	if (!result.ok) throw new Error(result.reason);
	return result.access;
}

/** The rights as `rw`, `r-`, `-w` or `--`. */
async function rights(access: MosquittoAccess, topic: string, username?: string, password?: string): Promise<string> {
	const answer = await session(access, username, password);
	return (answer.mayReceive(topic).allow ? "r" : "-") + (answer.mayPublish(topic).allow ? "w" : "-");
}

describe("A1 logging in as Mosquitto does", () => {
	const attempts = [[], ["alice", RIGHT], ["alice", "bad"], ["alice"], ["nobody", RIGHT], ["", RIGHT]] as const;

	test.each<[string, Given, readonly boolean[]]>([
		["anonymous and a password file", { anonymous: true, passwords: ALICE }, [true, true, false, false, false, true]],
		["a password file", { anonymous: false, passwords: ALICE }, [false, true, false, false, false, false]],
		["neither", { anonymous: false }, [false, false, false, false, false, false]],
		["anonymous", { anonymous: true }, [true, true, true, true, true, true]],
		["anonymous, empty password file", { anonymous: true, passwords: "" }, [true, false, false, false, false, true]],
		["an empty password file", { anonymous: false, passwords: "# no\n" }, [false, false, false, false, false, false]],
	])("with %s", async (_, given, expected) => {
		const { access } = await open(given);
		const results: boolean[] = [];
		for (const [user, password] of attempts) results.push((await login(access, user, password)).ok);
		expect(results).toEqual(expected);
	});

	test("every kind of hash in one file", async () => {
		const passwords = vectors.map(({ user, hash }) => `${user}:${hash}\r\n`).join("");
		const { access } = await open({ passwords });
		for (const { user, password } of vectors) {
			expect([user, (await login(access, user, password)).ok]).toEqual([user, true]);
			expect([user, (await login(access, user, `${password}x`)).ok]).toEqual([user, false]);
		}
	});

	test("A2 an unknown user and a wrong password get the very same answer", async () => {
		const { access } = await open({ passwords: ALICE });
		expect(await login(access, "nobody", "bad")).toEqual(await login(access, "alice", "bad"));
	});

	test("A6 many wrong passwords are banned", async () => {
		const { access } = await open({ passwords: ALICE, options: { throttle: { delay: 0, failuresPerUser: 2 } } });
		await login(access, "alice", "bad");
		await login(access, "alice", "bad");
		expect(await login(access, "alice", RIGHT)).toMatchObject({ ok: false, refusal: "banned" });
		expect(access.liftBan("10.0.0.1", "alice")).toBe(true);
		expect((await login(access, "alice", RIGHT)).ok).toBe(true);
	});

	test("without a password file nobody has checked the user name, and listeners are told", async () => {
		const named = await open({ anonymous: true });
		expect((await session(named.access, "bob")).unproven).toBe(true);
		const checked = await open({ passwords: ALICE });
		expect((await session(checked.access, "alice", RIGHT)).unproven).toBe(false);
	});

	test("A clients with an empty user name is one without", async () => {
		const { access } = await open({ anonymous: true });
		expect((await session(access, "", "x")).user).toBeNull();
		expect((await session(access, "bob", "x")).user).toBe("bob");
	});
});

describe("the files at the start", () => {
	test("a user whose line is bad cannot log in, the others can (A3)", async () => {
		const { access, problems } = await open({ passwords: `bob:secret\n${ALICE}` });
		expect(problems).toEqual([expect.objectContaining({ line: 1, severity: "error" })]);
		expect(access.problems).toHaveLength(1);
		expect(problems[0]?.error.message).not.toContain("secret");
		expect((await login(access, "alice", RIGHT)).ok).toBe(true);
		expect((await login(access, "bob", "secret")).ok).toBe(false);
		expect([access.isUser("alice"), access.isUser("bob")]).toEqual([true, false]);
	});

	test("Z9 an empty ACL file denies everything", async () => {
		const { access } = await open({ passwords: ALICE, acl: "", anonymous: true });
		expect(await rights(access, "a", "alice", RIGHT)).toBe("--");
		expect(await rights(access, "a")).toBe("--");
	});

	test("without an ACL file everything is allowed but writing below $SYS", async () => {
		const { access } = await open({ passwords: ALICE });
		expect(await rights(access, "a", "alice", RIGHT)).toBe("rw");
		expect(await rights(access, "$SYS/broker/uptime", "alice", RIGHT)).toBe("r-");
	});

	test("a broken ACL file denies everything until it is repaired", async () => {
		const { access, aclFile, problems, nextChange } = await open({ anonymous: true, acl: "topic a\ntopics b\n" });
		expect(problems).toEqual([expect.objectContaining({ line: 2, file: aclFile })]);
		expect(await rights(access, "a")).toBe("--");
		const change = nextChange();
		await writeFile(aclFile, "topic a\n");
		await change;
		expect(await rights(access, "a")).toBe("rw");
		expect(access.problems).toEqual([]);
	});

	test("files that do not exist let nobody do anything", async () => {
		const missing = join(await newDirectory(), "missing");
		const { access, problems } = await open({ anonymous: true, options: { passwordFile: missing, aclFile: missing } });
		expect(problems.map(({ error }) => error.code)).toEqual(["ACCESS_FILE_MISSING", "ACCESS_FILE_MISSING"]);
		expect((await login(access, "alice", RIGHT)).ok).toBe(false);
		expect(await rights(access, "a")).toBe("--");
	});

	test("of a file with many bad lines only some are told one by one", async () => {
		const { problems } = await open({ passwords: "x:y\n".repeat(100) });
		expect(problems).toHaveLength(21);
		expect(problems.at(-1)?.error.message).toContain("80 more");
	});
});

describe("the files while the broker runs", () => {
	test("A8 users who are gone or have another password have to log in again, and may do nothing until then", async () => {
		const passwords = `${ALICE}bob:${hashOf("bob")}\nroger:${hashOf("roger")}\n`;
		const { access, passwordFile, nextChange } = await open({ passwords });
		const bob = await session(access, "bob", "s3cret!");
		expect(bob.mayPublish("a").allow).toBe(true);
		const change = nextChange();
		await writeFile(`${passwordFile}.new`, `roger:${hashOf("alice")}\n${ALICE}`);
		await rename(`${passwordFile}.new`, passwordFile);
		expect((await change).users).toEqual(new Set(["bob", "roger"]));
		expect(bob.mayPublish("a").allow).toBe(false);
		expect((await login(access, "bob", "s3cret!")).ok).toBe(false);
		expect((await login(access, "roger", RIGHT)).ok).toBe(true);
	});

	test("Z3 sessions follow a change of the ACL file at once", async () => {
		const { access, aclFile, nextChange } = await open({ passwords: ALICE, acl: "user alice\ntopic a\n" });
		const alice = await session(access, "alice", RIGHT);
		expect(alice.mayReceive("a").allow).toBe(true);
		const change = nextChange();
		await writeFile(aclFile, "user alice\ntopic write a\n");
		expect((await change).users).toEqual(new Set());
		expect([alice.mayReceive("a").allow, alice.mayPublish("a").allow]).toEqual([false, true]);
	});

	test("Z11 a broken ACL file keeps the old rules, and reports the line", async () => {
		const { access, aclFile, nextProblem } = await open({ passwords: ALICE, acl: "user alice\ntopic read a\n" });
		const problem = nextProblem();
		await writeFile(aclFile, "user alice\ntopic read a\ntopic\tread b\n");
		expect(await problem).toMatchObject({ file: aclFile, line: 3, error: { code: "MOSQUITTO_FILE_BROKEN" } });
		expect(await rights(access, "a", "alice", RIGHT)).toBe("r-");
		expect(await rights(access, "b", "alice", RIGHT)).toBe("--");
	});

	test("A4 a broken password file keeps all users who were valid", async () => {
		const { access, passwordFile, nextProblem } = await open({ passwords: ALICE });
		const problem = nextProblem();
		await writeFile(passwordFile, `bob:${hashOf("bob")}\ncarol:plain\n`);
		expect(await problem).toMatchObject({ line: 2 });
		expect((await login(access, "alice", RIGHT)).ok).toBe(true);
		expect((await login(access, "bob", "s3cret!")).ok).toBe(false);
	});

	test("A4 deleted files keep what was valid", async () => {
		const { access, passwordFile, aclFile, problems } = await open({
			passwords: ALICE,
			acl: "user alice\ntopic read a\n",
		});
		await Promise.all([unlink(passwordFile), unlink(aclFile)]);
		await access.reload();
		expect(problems.map(({ error }) => error.code)).toEqual(["ACCESS_FILE_MISSING", "ACCESS_FILE_MISSING"]);
		expect(await rights(access, "a", "alice", RIGHT)).toBe("r-");
		expect((await login(access, "alice", "bad")).ok).toBe(false);
	});

	test("A4 a file that is no text keeps what was valid", async () => {
		const { access, aclFile } = await open({ passwords: ALICE, acl: "user alice\ntopic read a\n" });
		await writeFile(aclFile, Buffer.from([0x74, 0xff, 0xfe]));
		await access.reload();
		expect(access.problems).toMatchObject([{ error: { message: expect.stringContaining("UTF-8") } }]);
		expect(await rights(access, "a", "alice", RIGHT)).toBe("r-");
	});
});
