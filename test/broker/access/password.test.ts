import { afterAll, describe, expect, test } from "@jest/globals";
import { PasswordHasher } from "../../../broker/access";
import { needsUpgrade } from "../../../broker/access/password";
import { parsePasswordHash, whyNotPasswordHash } from "../../../broker/access/password-hash";
import { WorkLine } from "../../../broker/access/work-line";
import { hashOf, vectors } from "./vectors";

const hasher = new PasswordHasher();
afterAll(() => hasher.close());

describe("verifying", () => {
	test.each(vectors)("the hash of $user verifies with its password and with no other", async ({ password, hash }) => {
		expect(await hasher.verify(Buffer.from(password), hash)).toBe(true);
		expect(await hasher.verify(Buffer.from(`${password} `), hash)).toBe(false);
	});

	test("an empty password never verifies", async () => {
		expect(await hasher.verify(Buffer.alloc(0), hashOf("bob"))).toBe(false);
	});

	test("work that is no longer wanted when its turn comes is skipped", async () => {
		expect(await hasher.verify(Buffer.from("s3cret!"), hashOf("bob"), () => false)).toBe(false);
	});
});

describe("hashing", () => {
	test("a new hash has the form of Mosquitto 2.1, a salt of its own, and verifies", async () => {
		const [one, two] = await Promise.all([hasher.hash("new password"), hasher.hash("new password")]);
		expect(one).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$[A-Za-z0-9+/]{86}\$[A-Za-z0-9+/]{86}$/);
		expect(one).not.toBe(two);
		expect(await hasher.verify(Buffer.from("new password"), one)).toBe(true);
		expect(needsUpgrade(one)).toBe(false);
	});

	test("A5 an empty password is refused", async () => {
		await expect(hasher.hash("")).rejects.toMatchObject({ code: "PASSWORD_EMPTY" });
	});

	test("old kinds of hashes ask for an upgrade", () => {
		expect(["alice", "bob", "erin", "frank"].map((user) => needsUpgrade(hashOf(user as "alice")))).toEqual([
			true,
			true,
			true,
			false,
		]);
	});

	test("work under way fails when it is closed, and nothing is left running", async () => {
		const closing = new PasswordHasher({ atOnce: 1 });
		const all = ["one", "two"].map((password) => closing.hash(password).catch((error: unknown) => error));
		await closing.close();
		expect(await Promise.all(all)).toEqual([
			expect.objectContaining({ code: "PASSWORD_HASHING_FAILED" }),
			expect.objectContaining({ code: "LOGIN_BUSY" }),
		]);
		await expect(closing.hash("three")).rejects.toMatchObject({ code: "PASSWORD_HASHING_FAILED" });
	});
});

describe("A7 hashes that would occupy the machine are refused before any work is done", () => {
	const [salt, hash] = ["A".repeat(86), "B".repeat(85)];
	test.each([
		["two thousand million rounds", hashOf("bob").replace("$101$", "$2000000000$")],
		["more rounds than a number holds", hashOf("bob").replace("$101$", `$${"9".repeat(40)}$`)],
		["no rounds", hashOf("bob").replace("$101$", "$0$")],
		["4 GB of memory", `$argon2id$v=19$m=4194304,t=1,p=1$${salt}$${hash}A`],
		["too many passes", `$argon2id$v=19$m=262144,t=3,p=1$${salt}$${hash}A`],
		["too many lanes", `$argon2id$v=19$m=47104,t=1,p=200$${salt}$${hash}A`],
	])("%s", async (_, crafted) => {
		expect(whyNotPasswordHash(crafted)).toBeDefined();
		await expect(hasher.verify(Buffer.from("x"), crafted)).rejects.toMatchObject({ code: "PASSWORD_HASH_INVALID" });
	});
});

describe("damaged hashes", () => {
	test.each([
		["plain text", "secret"],
		["empty", ""],
		["crypt(3)", "$6$rounds=5000$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJu"],
		["bcrypt", "$2b$10$abcdefghijklmnopqrstuv"],
		["a salt of 13 bytes", `$6$AAAAAAAAAAAAAAAAAA==$${hashOf("alice").split("$")[3]}`],
		["a hash that is too short", "$6$Kx6CT3id3VZGjMcm$AcaSHm9VHrmhmtVEyg=="],
		["a field too many", `${hashOf("alice")}$x`],
		["an argon2i hash", hashOf("frank").replace("argon2id", "argon2i")],
		["an unknown argon2 version", hashOf("frank").replace("v=19", "v=16")],
		["base64 with a stray character", hashOf("bob").replace("UPTO", "UP O")],
	])("%s is no hash, and the sentence does not quote it", (_, text) => {
		expect(() => parsePasswordHash(text)).toThrow(expect.objectContaining({ code: "PASSWORD_HASH_INVALID" }));
		if (text.length > 3) expect(whyNotPasswordHash(text)).not.toContain(text.slice(3));
	});
});

describe("the line of costly work (M12)", () => {
	test("runs so many at once, lets so many wait, and refuses the rest", async () => {
		const line = new WorkLine(2, 1);
		let running = 0;
		let most = 0;
		const finish: Array<() => void> = [];
		const work = () => {
			most = Math.max(most, ++running);
			return new Promise<void>((resolve) => finish.push(resolve)).then(() => void running--);
		};
		const three = [line.run(work), line.run(work), line.run(work)];
		await expect(line.run(work)).rejects.toMatchObject({ code: "LOGIN_BUSY" });
		expect(running).toBe(2);
		finish[0]?.();
		await three[0];
		await new Promise(setImmediate);
		expect(running).toBe(2);
		for (const end of finish) end();
		await Promise.all(three);
		expect(most).toBe(2);
	});
});
