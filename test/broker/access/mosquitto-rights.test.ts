import { describe, expect, test } from "@jest/globals";
import { parseMosquittoAcl } from "../../../broker/access";
import { MosquittoRights, withoutAcl } from "../../../broker/access/mosquitto-rights";

/** May the client read, write? As `rw`, `r-`, `-w` or `--`. */
function rights(acl: string, user: string | null, topic: string, clientId = "cid"): string {
	const { entries, problems } = parseMosquittoAcl(acl);
	expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
	const decider = new MosquittoRights({ entries }).decider({ user, clientId });
	return (decider.receive(topic).allow ? "r" : "-") + (decider.publish(topic).allow ? "w" : "-");
}

const lists = `topic read public/#
topic write anonymous
user bob
topic readwrite home/#
topic deny home/secret/#
topic read $SYS/broker/uptime
topic write out
topic read out
user alice
topic deny pat/alice/no
topic #
`;

describe("the lists of an ACL file", () => {
	test.each<[string | null, string, string, string]>([
		["bob", "home/light", "rw", "readwrite is both"],
		["bob", "home", "rw", "home/# selects home itself"],
		["bob", "home/secret", "--", "Z15 a deny beats an allow that stands before it"],
		["bob", "home/secret/x", "--", "Z15 a deny blocks reading and writing"],
		["bob", "out", "rw", "each right is looked for on its own"],
		["bob", "elsewhere", "--", "no match is a deny"],
		["bob", "public/x", "--", "Z10 the anonymous section is not for users"],
		[null, "public/x", "r-", "the anonymous section is for clients without user name"],
		[null, "anonymous", "-w", "write alone"],
		[null, "home/light", "--", "clients without user name have no other list"],
		["carol", "public/x", "--", "a user without a list has nothing"],
		["bob", "$SYS/broker/uptime", "r-", "Z6 $SYS is read by an explicit rule, and never written"],
		["alice", "$SYS/broker/uptime", "--", "Z1 # does not select $SYS"],
		["alice", "anything/at/all", "rw", "# selects the rest"],
		["bob", "Home/light", "--", "Z14 case counts"],
		["bob", "/home/light", "--", "Z14 a leading slash is a level of its own"],
		["bob", "out/", "--", "Z14 a trailing slash is a level of its own"],
		["bob", "home//light", "rw", "an empty level is a level"],
	])("%s on %s: %s (%s)", (user, topic, expected) => {
		expect(rights(lists, user, topic)).toBe(expected);
	});

	test("Z9 an empty ACL file denies everything, and so does one with comments only", () => {
		for (const acl of ["", "\n", "# nothing\n"]) {
			expect(rights(acl, "bob", "a")).toBe("--");
			expect(rights(acl, null, "a")).toBe("--");
		}
	});

	test("without an ACL file everything is allowed but writing below $SYS", () => {
		expect([withoutAcl.publish("a").allow, withoutAcl.receive("a").allow]).toEqual([true, true]);
		expect(withoutAcl.receive("$SYS/broker/uptime").allow).toBe(true);
		expect(withoutAcl.publish("$SYS/broker/uptime").allow).toBe(false);
		expect(withoutAcl.publish("$SYS/broker/connection/x/state").allow).toBe(true);
	});

	test("every subscription is granted: deliveries are checked", () => {
		const decider = new MosquittoRights({ entries: [] }).decider({ user: "bob", clientId: "c" });
		expect(decider.subscribe("#").allow).toBe(true);
		expect(decider.receive("a").allow).toBe(false);
	});

	test("$SYS cannot be written by any rule but for the state of a bridge, and $share is no topic", () => {
		const acl = "user bob\ntopic $SYS/#\ntopic $share/#\ntopic $other/#";
		expect(rights(acl, "bob", "$SYS/broker/clients/total")).toBe("r-");
		expect(rights(acl, "bob", "$SYS/broker/connection/b/state")).toBe("rw");
		expect(rights(acl, "bob", "$share/g/t")).toBe("--");
		expect(rights(acl, "bob", "$other/t")).toBe("rw");
	});

	test("%u in a topic line is plain text", () => {
		expect(rights("user bob\ntopic a/%u", "bob", "a/%u")).toBe("rw");
		expect(rights("user bob\ntopic a/%u", "bob", "a/bob")).toBe("--");
	});
});

const patterns = `user bob
topic readwrite pat/bob/x
topic deny dev/bob/locked
pattern deny pat/%u/x
pattern readwrite dev/%u/#
pattern read client/%c
pattern write mixed/dev-%c/%u
pattern deny dev/%u/forbidden
pattern read everybody
`;

describe("the patterns of an ACL file", () => {
	test.each<[string | null, string, string, string]>([
		["bob", "pat/bob/x", "rw", "an own allow beats the deny of a pattern"],
		["bob", "dev/bob/a", "rw", "%u is the user name"],
		["bob", "dev/alice/a", "--", "%u is nobody else"],
		["bob", "dev/bob/forbidden", "--", "Z15 deny goes first among the patterns too"],
		["bob", "dev/bob/locked", "--", "an own deny beats the allow of a pattern"],
		["bob", "client/cid", "r-", "%c is the client id"],
		["bob", "mixed/dev-cid/bob", "-w", "placeholders are replaced inside a level as in 2.0"],
		[null, "client/cid", "r-", "patterns hold for clients without user name"],
		[null, "everybody", "r-", "a pattern without placeholder holds for everybody"],
		[null, "dev//a", "--", "Z7 %u never matches without a user name"],
		[null, "dev/null/a", "--", "Z7 nor does it stand for null"],
	])("%s on %s: %s (%s)", (user, topic, expected) => {
		expect(rights(patterns, user, topic)).toBe(expected);
	});

	test.each([
		["+", "cid"],
		["#", "cid"],
		["bob", "+"],
		["bob", "a#"],
	])("Z7 user %j with client id %j gets nothing from patterns", (user, clientId) => {
		for (const topic of ["dev/alice/a", "client/x", "everybody", "dev/bob/a"]) {
			expect(rights(patterns, user, topic, clientId)).toBe("--");
		}
	});

	test("Z7 own lists hold for such a client id", () => {
		expect(rights(patterns, "bob", "pat/bob/x", "+")).toBe("rw");
	});

	test("Z7 a name with a slash does not span two levels, but a deny reaches it", () => {
		expect(rights("pattern readwrite dev/%u/#", "alice/x", "dev/alice/x/y")).toBe("--");
		expect(rights("pattern deny dev/%u\npattern read dev/#", "a/b", "dev/a/b")).toBe("--");
		expect(rights("pattern read everybody", "a/b", "everybody")).toBe("r-");
	});

	test("Z7 a name that starts with $ opens nothing below $", () => {
		expect(rights("pattern read %u/#", "$SYS", "$SYS/broker/uptime")).toBe("--");
	});
});
