import { describe, expect, test } from "@jest/globals";
import {
	type AccessDocument,
	exportMosquitto,
	importMosquitto,
	type MosquittoFiles,
	parseDocument,
	parseMosquittoAcl,
	serialiseDocument,
} from "../../../broker/access";
import { decidePublish, decideReceive } from "../../../broker/access/decide";
import { MosquittoRights } from "../../../broker/access/mosquitto-rights";
import { RuleBook } from "../../../broker/access/rule-book";
import { Random } from "./random";
import { hashOf } from "./vectors";

const passwords = `alice:${hashOf("alice")}\nbob:${hashOf("bob")}\n`;

/** The rights as `rw`, `r-`, `-w` or `--`, by the document. */
function byDocument(document: AccessDocument, user: string | null, topic: string, clientId: string): string {
	const rights = new RuleBook(document).rights(user, clientId);
	if (!rights) return "--";
	return (decideReceive(rights, topic).allow ? "r" : "-") + (decidePublish(rights, topic).allow ? "w" : "-");
}

/** The same by Mosquitto's ACL file. */
function byAcl(acl: string, user: string | null, topic: string, clientId: string): string {
	const { entries, problems } = parseMosquittoAcl(acl);
	expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
	const decider = new MosquittoRights({ entries }).decider({ user, clientId });
	return (decider.receive(topic).allow ? "r" : "-") + (decider.publish(topic).allow ? "w" : "-");
}

function errorsOf({ problems }: ReturnType<typeof importMosquitto>): string[] {
	return problems.filter(({ severity }) => severity === "error").map(({ file, line }) => `${file} ${line}`);
}

describe("importing Mosquitto's files", () => {
	const acl = `topic read public/#
user alice
topic readwrite pat/alice/x
topic deny home/secret
topic read home/#
user carol smith
topic write out
pattern deny pat/%u/x
pattern readwrite dev/%u/%c
pattern read news/#
`;

	test("users, their rules, patterns and the anonymous section become a document", () => {
		const { document, problems } = importMosquitto({ passwords, acl, anonymous: true });
		expect(parseDocument(serialiseDocument(document))).toEqual(document);
		expect(document.users.map(({ name, password }) => [name, password])).toEqual([
			["alice", hashOf("alice")],
			["bob", hashOf("bob")],
			["carol smith", null],
		]);
		expect(document.anonymous.enabled).toBe(true);
		expect(problems).toEqual([
			expect.objectContaining({ file: "acl", line: 10, severity: "warning" }),
			expect.objectContaining({
				file: "acl",
				line: 7,
				severity: "warning",
				reason: expect.stringContaining("no password"),
			}),
		]);
	});

	test.each<[string | null, string, string]>([
		["alice", "pat/alice/x", "an own allow beats the deny of a pattern"],
		["bob", "pat/bob/x", "a pattern's deny"],
		["alice", "home/secret", "Z15 an own deny beats an own allow"],
		["alice", "public/x", "Z10 the anonymous section is not for users"],
		[null, "public/x", "the anonymous section"],
		[null, "news/x", "patterns hold for clients without user name"],
		["bob", "dev/bob/cid", "both placeholders"],
		["bob", "dev/alice/cid", "somebody else's"],
		["carol smith", "out", "a name with a blank"],
	])("%j has the same rights on %j (%s)", (user, topic) => {
		const { document } = importMosquitto({ passwords, acl, anonymous: true });
		expect(byDocument(document, user, topic, "cid")).toBe(byAcl(acl, user, topic, "cid"));
	});

	test("no line is dropped silently: what cannot be said has its line, and a deny becomes wider", () => {
		const result = importMosquitto({
			passwords: `alice:plain\n:x\nno colon\nbob:${hashOf("bob")}\nb\u0001:${hashOf("bob")}\n`,
			acl: "user bob\ntopic read a/%u\ntopic deny b/%c/x\ntopic all\tx#\nnonsense\npattern read x-%c/y\npattern deny z-%c/y\ntopic b/#\n",
			anonymous: false,
		});
		expect(errorsOf(result).sort()).toEqual(
			["passwords 1", "passwords 2", "passwords 5", "acl 2", "acl 3", "acl 4", "acl 5", "acl 6", "acl 7"].sort(),
		);
		const may = (topic: string) => byDocument(result.document, "bob", topic, "c");
		expect(["a/bob", "b/y/x", "b/y", "x-c/y", "z-c/y"].map(may)).toEqual(["--", "--", "rw", "--", "--"]);
	});

	test("no ACL file is everything but writing below $SYS; an empty one is nothing (Z9)", () => {
		const without = importMosquitto({ passwords, anonymous: false }).document;
		expect(byDocument(without, "bob", "a/b", "c")).toBe("rw");
		expect(byDocument(without, "bob", "$SYS/broker/uptime", "c")).toBe("r-");
		const empty = importMosquitto({ passwords, acl: "", anonymous: true }).document;
		expect([byDocument(empty, "bob", "a", "c"), byDocument(empty, null, "a", "c")]).toEqual(["--", "--"]);
	});

	test("Z7 a user whose name has a wildcard gets nothing from the patterns", () => {
		const files = { passwords: `a+b:${hashOf("bob")}\n`, acl: "pattern read news/#\n", anonymous: false };
		expect(byDocument(importMosquitto(files).document, "a+b", "news/x", "c")).toBe("--");
	});

	test("files made at random give the same rights on every topic", () => {
		const random = new Random(42);
		for (let n = 0; n < 150; n++) {
			const text = randomAcl(random);
			const { document } = importMosquitto({ passwords, acl: text, anonymous: true });
			for (const topic of TOPICS) {
				for (const user of ["alice", "bob", null]) {
					const context = { text, topic, user };
					expect({ ...context, rights: byDocument(document, user, topic, "cid") }).toEqual({
						...context,
						rights: byAcl(text, user, topic, "cid"),
					});
				}
			}
		}
	});
});

describe("exporting to Mosquitto's files", () => {
	test("what was imported is exported with the same rights and passwords", () => {
		const random = new Random(7);
		for (let n = 0; n < 150; n++) {
			const text = randomAcl(random);
			const files: MosquittoFiles = { passwords, acl: text, anonymous: true };
			const { document } = importMosquitto(files);
			const result = exportMosquitto(document, Date.now());
			expect(result.passwords).toBe(passwords);
			expect(result.anonymous).toBe(true);
			for (const topic of TOPICS) {
				for (const user of ["alice", "bob", null]) {
					const context = { text, exported: result.acl, topic, user };
					expect({ ...context, rights: byAcl(result.acl, user, topic, "cid") }).toEqual({
						...context,
						rights: byAcl(text, user, topic, "cid"),
					});
				}
			}
		}
	});

	test("what Mosquitto cannot say is told, and nobody gets more than before", () => {
		const user = {
			password: hashOf("bob"),
			enabled: true,
			groups: [],
			clientIds: null,
			expires: null,
			note: "",
			rules: [],
		};
		const document: AccessDocument = parseDocument(
			JSON.stringify({
				version: 1,
				groups: [{ name: "g", rules: [{ effect: "allow", action: "receive", filter: "g/%u/#" }] }],
				users: [
					{ ...user, name: "off", enabled: false },
					{ ...user, name: "old", expires: "2020-01-01" },
					{ ...user, name: "none", password: null },
					{ ...user, name: "a:b" },
					{ ...user, name: "limited", clientIds: ["x"] },
					{
						...user,
						name: "bob",
						groups: ["g"],
						rules: [
							{ effect: "allow", action: "all", filter: "c/%c" },
							{ effect: "deny", action: "all", filter: "d/%c/x" },
							{ effect: "allow", action: "all", filter: "d/#" },
							{ effect: "allow", action: "all", filter: "p/x", priority: 5 },
							{ effect: "deny", action: "all", filter: "p/#" },
							{ effect: "deny", action: "publish", filter: "r" },
							{ effect: "allow", action: "receive", filter: "r" },
							{ effect: "allow", action: "subscribe", filter: "s" },
							{ effect: "allow", action: "all", filter: "blank " },
						],
					},
				],
			}),
		);
		const { acl, passwords: text, problems } = exportMosquitto(document, Date.now());
		expect(text.split("\n").map((line) => line.split(":")[0])).toEqual(["limited", "bob", ""]);
		for (const topic of ["c/cid", "d/cid/x", "d", "p/x", "p/y", "r", "s", "blank", "blank ", "g/bob/x", "g/x/x"]) {
			const [now, before] = [byAcl(acl, "bob", topic, "cid"), byDocument(document, "bob", topic, "cid")];
			for (const [at, right] of [...now].entries())
				if (right !== "-") expect([topic, before[at]]).toEqual([topic, right]);
		}
		expect(byAcl(acl, "bob", "g/bob/x", "cid")).toBe("r-");
		for (const about of ["c/%c", "d/%c/x", "p/x", "deny publish r", "subscribe s", "blank "]) {
			expect(problems).toContainEqual(
				expect.objectContaining({ where: 'user "bob"', reason: expect.stringContaining(about) }),
			);
		}
		for (const name of ["off", "old", "none", "a:b", "limited"]) {
			expect(problems).toContainEqual(expect.objectContaining({ where: `user "${name}"` }));
		}
	});

	test("a deny of everybody's group that goes before own allows is not written as a pattern, which would come after", () => {
		const rules = [{ effect: "deny", action: "all", filter: "a/#", priority: 5 }];
		const own = [{ effect: "allow", action: "all", filter: "a/x" }];
		const users = [{ name: "bob", password: hashOf("bob"), groups: ["g"], rules: own }];
		const document = parseDocument(JSON.stringify({ version: 1, groups: [{ name: "g", rules }], users }));
		expect(byAcl(exportMosquitto(document, Date.now()).acl, "bob", "a/x", "c")).toBe("--");
	});

	test("defaults of allow are written out", () => {
		const { document } = importMosquitto({ passwords, anonymous: true });
		const { acl } = exportMosquitto(document, Date.now());
		expect([byAcl(acl, "bob", "a/b", "c"), byAcl(acl, null, "a", "c")]).toEqual(["rw", "rw"]);
		expect(byAcl(acl, "bob", "$SYS/broker/uptime", "c")).toBe("r-");
	});
});

const TOPICS = ["a", "a/b", "a/alice", "a/bob", "a/cid", "b/alice/cid", "a/b/c", "$SYS/a", "$x/a", "cid", "alice", "b"];

function randomAcl(random: Random): string {
	const words = ["read", "write", "readwrite", "deny", ""];
	const filters = ["a/#", "a", "a/b", "a/+", "+/bob", "#", "+/+/c", "$SYS/#", "$x/+", "b/#", "alice"];
	const patterns = ["a/%u", "a/%c", "b/%u/%c", "%c", "%u", "b/%u/#", "a/b"];
	const lines = Array.from({ length: random.number(10) }, () => {
		const word = random.pick(words);
		if (random.number(3) === 0) return `pattern ${word} ${random.pick(patterns)}`;
		return `topic ${word} ${random.pick(filters)}`;
	});
	const cut = [random.number(10), random.number(10)].sort((x, y) => x - y);
	return [
		...lines.slice(0, cut[0]),
		"user alice",
		...lines.slice(cut[0], cut[1]),
		"user bob",
		...lines.slice(cut[1]),
	].join("\n");
}
