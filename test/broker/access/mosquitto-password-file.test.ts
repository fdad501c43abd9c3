import { describe, expect, test } from "@jest/globals";
import { parseMosquittoPasswords } from "../../../broker/access";
import { serialiseMosquittoPasswords, whyNotWritableName } from "../../../broker/access/mosquitto-password-file";
import { hashOf } from "./vectors";

const hash = hashOf("alice");
const other = hashOf("roger");

describe("reading Mosquitto's password file", () => {
	test.each([
		["plain", `alice:${hash}\n`],
		["without a final newline", `alice:${hash}`],
		["with CRLF", `alice:${hash}\r\n`],
		["with blanks around both", `  alice : ${hash}  \n`],
		["with comments and blank lines", `# users\n\n   \nalice:${hash}\n#bob:${hash}\n`],
		["with a third field", `alice:${hash}:ignored\n`],
	])("a file %s has its user", (_, text) => {
		const { entries, problems } = parseMosquittoPasswords(text);
		expect(entries).toEqual([expect.objectContaining({ user: "alice", hash })]);
		expect(problems).toEqual([]);
	});

	test("of several lines for one user the last counts, and it is told", () => {
		const { entries, problems } = parseMosquittoPasswords(`alice:${hash}\nbob:${hash}\nalice:${other}\n`);
		expect(entries.map(({ user, line }) => [user, line])).toEqual([
			["bob", 2],
			["alice", 3],
		]);
		expect(entries[1]?.hash).toBe(other);
		expect(problems).toEqual([expect.objectContaining({ line: 3, severity: "warning" })]);
	});

	test.each([
		["plain-text password", "alice:secret-word"],
		["hash that is cut off", `alice:${hash.slice(0, 40)}`],
		["empty hash", "alice:"],
		["empty user name", `:${hash}`],
		["comment that is not in the first column", ` # alice:${hash}x`],
		["control character in the name", `al\u0001ice:${hash}`],
	])("A3 a line with a %s never becomes a user, and is told with its number", (_, line) => {
		const { entries, problems } = parseMosquittoPasswords(`# first\n${line}\nbob:${hash}`);
		expect(entries.map(({ user }) => user)).toEqual(["bob"]);
		expect(problems).toEqual([expect.objectContaining({ line: 2, severity: "error" })]);
		expect(JSON.stringify(problems)).not.toMatch(/secret-word|Kx6CT/);
	});

	test("a line without colon is ignored as in Mosquitto, but told, and not shown", () => {
		const { entries, problems } = parseMosquittoPasswords("hunter2\n");
		expect(entries).toEqual([]);
		expect(problems).toEqual([expect.objectContaining({ line: 1, severity: "warning" })]);
		expect(JSON.stringify(problems)).not.toContain("hunter2");
	});

	test("names of JavaScript's own are plain names", () => {
		const { entries } = parseMosquittoPasswords(`__proto__:${hash}\nconstructor:${hash}\n`);
		expect(entries.map(({ user }) => user)).toEqual(["__proto__", "constructor"]);
	});
});

describe("writing Mosquitto's password file", () => {
	test("what is written is read again", () => {
		const users = [
			{ user: "alice", hash },
			{ user: "bob smith", hash: other },
		];
		expect(parseMosquittoPasswords(serialiseMosquittoPasswords(users)).entries).toMatchObject(users);
	});

	test.each(["a:b", "#a", " a", "", "a\nb"])("the name %j cannot be written", (name) => {
		expect(whyNotWritableName(name)).toBeDefined();
	});
});
