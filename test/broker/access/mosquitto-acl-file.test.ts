import { describe, expect, test } from "@jest/globals";
import { parseMosquittoAcl } from "../../../broker/access";
import { serialiseMosquittoAcl, whyNotWritableFilter } from "../../../broker/access/mosquitto-acl-file";

describe("reading Mosquitto's ACL file: lines that are taken", () => {
	test.each([
		["topic home/#", { user: null, access: "readwrite", filter: "home/#" }],
		["topic read home/#", { access: "read", filter: "home/#" }],
		["topic write home/+", { access: "write", filter: "home/+" }],
		["topic readwrite a", { access: "readwrite", filter: "a" }],
		["topic deny a", { access: "deny", filter: "a" }],
		["   topic read a", { access: "read", filter: "a" }],
		["topic   read    a b  c   ", { access: "read", filter: "a b  c" }],
		["topic read a\r", { access: "read", filter: "a" }],
		["topic read a\t", { access: "read", filter: "a" }],
		["topic read", { access: "readwrite", filter: "read" }],
		["topic deny", { access: "readwrite", filter: "deny" }],
		["pattern read dev/%c/#", { kind: "pattern", user: null, access: "read", filter: "dev/%c/#" }],
		["pattern dev/%u", { kind: "pattern", access: "readwrite", filter: "dev/%u" }],
		[`topic ${"a/".repeat(199)}a`, { access: "readwrite" }],
		[`topic read ${"x".repeat(5000)}`, { access: "read" }],
	])("%j", (line, entry) => {
		const { entries, problems } = parseMosquittoAcl(`# comment\n\n${line}\n`);
		expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
		expect(entries).toEqual([expect.objectContaining({ line: 3, ...entry })]);
	});
});

describe("reading Mosquitto's ACL file: lines that are errors", () => {
	test.each([
		["topic"],
		["topic "],
		["pattern"],
		["user"],
		["user   "],
		["topic\tread a"],
		["user\tbob"],
		["  # indented comment"],
		["topic read a/# # comment"],
		["topic allow a"],
		["topic Read a"],
		["Topic read a"],
		["TOPIC a"],
		["topics a"],
		["topic read a#"],
		["topic read #/a"],
		["topic read a+"],
		["topic read +a/b"],
		["pattern read %u#"],
		["\ufefftopic a"],
		[`topic ${"a/".repeat(200)}a`],
		["allow bob"],
	])("%j is told with its number and its text", (line) => {
		const { entries, problems } = parseMosquittoAcl(`topic ok\n${line}\ntopic fine`);
		expect(problems.filter(({ severity }) => severity === "error")).toContainEqual(
			expect.objectContaining({ line: 2, text: line.trimEnd() }),
		);
		expect(entries.map(({ filter }) => filter)).not.toContain("a");
	});

	test("topics after a broken user line belong to nobody", () => {
		const { entries } = parseMosquittoAcl("user\ntopic secret\npattern p/%u\nuser bob\ntopic mine");
		expect(entries.map(({ filter, user }) => [filter, user])).toEqual([
			["p/%u", null],
			["mine", "bob"],
		]);
	});
});

describe("reading Mosquitto's ACL file: sections", () => {
	test("what stands before the first user is for clients without user name; users may come twice; patterns are global", () => {
		const { entries } = parseMosquittoAcl(
			"topic a\nuser bob smith  \ntopic b\npattern p/%u\nuser alice\ntopic c\nuser bob smith\ntopic d",
		);
		expect(entries.map(({ filter, user }) => [filter, user])).toEqual([
			["a", null],
			["b", "bob smith"],
			["p/%u", null],
			["c", "alice"],
			["d", "bob smith"],
		]);
	});

	test("what may not be meant so is a warning", () => {
		const { problems } = parseMosquittoAcl("topic deny\npattern read a\ntopic read a\tb\n");
		expect(problems.map(({ line, severity }) => [line, severity])).toEqual([
			[1, "warning"],
			[2, "warning"],
			[3, "warning"],
		]);
	});
});

describe("writing Mosquitto's ACL file", () => {
	test("what is written is read again", () => {
		const entries = [
			{ kind: "topic", user: "bob", access: "deny", filter: "a b/#" },
			{ kind: "topic", user: null, access: "read", filter: "read" },
			{ kind: "pattern", user: null, access: "write", filter: "dev/%c" },
			{ kind: "topic", user: "__proto__", access: "readwrite", filter: "x" },
		] as const;
		const { entries: again, problems } = parseMosquittoAcl(serialiseMosquittoAcl(entries));
		expect(problems).toEqual([]);
		expect(again.map(({ line, ...rest }) => rest)).toEqual(expect.arrayContaining([...entries]));
		expect(again).toHaveLength(entries.length);
	});

	test.each([" a", "a ", "a\nb", "a\t"])("the filter %j cannot be written", (filter) => {
		expect(whyNotWritableFilter(filter)).toBeDefined();
	});
});
