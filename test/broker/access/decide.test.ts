import { describe, expect, test } from "@jest/globals";
import type { Action, Rule } from "../../../broker/access";
import { decidePublish, decideReceive, decideSubscribe, type Rights } from "../../../broker/access/decide";
import { denyDefaults } from "../../../broker/access/model";
import { CompiledRules, fillsLevel, type Names } from "../../../broker/access/rules";
import { matchesTopic } from "../../../broker/topic";
import { Random } from "./random";

/** A rule from words: `deny receive home/#`, with a priority behind it if need be. */
function rule(words: string): Rule {
	const [effect, action, filter, priority] = words.split(" ");
	return { effect, action, filter, priority: Number(priority ?? 0) } as Rule;
}

function rights(rules: readonly string[], names: Partial<Names> = {}): Rights {
	const lists = [new CompiledRules(rules.map(rule), 'user "u"')];
	return { names: { user: "u", clientId: "c", ...names }, lists, defaults: denyDefaults };
}

function may(rules: readonly string[], action: Action, topic: string, names: Partial<Names> = {}): boolean {
	return { publish: decidePublish, receive: decideReceive, subscribe: decideSubscribe }[action](
		rights(rules, names),
		topic,
	).allow;
}

describe("publishing and receiving", () => {
	test.each([
		[["allow all home/#"], "home/a/b", true],
		[["allow all home/#"], "home", true],
		[["allow all home/#"], "homes", false],
		[["allow all home/#"], "Home/a", false],
		[["allow all home/+"], "home/", true],
		[["allow all home/+"], "home", false],
		[["allow all home/+"], "home//", false],
		[["allow all home"], "/home", false],
		[["allow all +/home"], "/home", true],
		[["allow receive a"], "a", false],
		[["deny all a", "allow all a"], "a", false],
		[["allow all #", "deny all a/#"], "a/b", false],
		[["allow all a/b 1", "deny all a/#"], "a/b", true],
		[["allow all a/b -1", "deny all a/#"], "a/b", false],
		[["allow all constructor/__proto__"], "constructor/__proto__", true],
		[["allow all a"], "__proto__", false],
		[[], "a", false],
	])("Z14 Z15 with %j publishing to %j: %s", (rules, topic, expected) => {
		expect(may(rules, "publish", topic)).toBe(expected);
	});

	test("Z1 Z6 topics below $ only match rules that start with $, and a default of allow does not open them", () => {
		expect(may(["allow all #", "allow all +/broker"], "receive", "$SYS/broker")).toBe(false);
		expect(may(["allow receive $SYS/#"], "receive", "$SYS/broker")).toBe(true);
		const open = { ...rights([]), defaults: { publish: "allow", receive: "allow", subscribe: "allow" } } as const;
		expect(decideReceive(open, "a").allow).toBe(true);
		expect(decideReceive(open, "$SYS/broker").allow).toBe(false);
		expect(decideSubscribe(open, "$SYS/#").allow).toBe(false);
	});

	test("Z6 no rule lets anybody publish below $SYS, but for the state of a bridge", () => {
		expect(may(["allow all $SYS/#"], "publish", "$SYS/x/new/clients")).toBe(false);
		expect(may(["allow all $SYS/#"], "publish", "$SYS/broker/connection/b/state")).toBe(true);
		expect(may(["allow all $CONTROL/#"], "publish", "$CONTROL/x")).toBe(true);
	});

	test("the reason names the rule and where it stands", () => {
		expect(decideReceive(rights(["deny receive secret/# 5"]), "secret/x").reason).toBe(
			'the rule "deny receive secret/#" (priority 5) of user "u"',
		);
	});
});

describe("placeholders", () => {
	test.each([
		["u", "dev", "home/u/dev", true],
		["u", "dev", "home/x/dev", false],
		["U", "dev", "home/u/dev", false],
		[null, "dev", "home/null/dev", false],
		[null, "dev", "home//dev", false],
		["+", "dev", "home/u/dev", false],
		["+", "dev", "home/+/dev", false],
		["#", "dev", "home/u/dev", false],
		["a/b", "dev", "home/a/b/dev", false],
		["u", "+", "home/u/x", false],
		["u", "", "home/u/", false],
	])("Z7 user %j with client id %j on home/%%u/%%c, topic %j: %s", (user, clientId, topic, expected) => {
		expect(may(["allow all home/%u/%c"], "publish", topic, { user, clientId })).toBe(expected);
	});

	test("Z7 a user named $SYS opens nothing below $", () => {
		expect(may(["allow all %u/#"], "receive", "$SYS/broker", { user: "$SYS" })).toBe(false);
		expect(may(["allow all %u/#"], "subscribe", "$SYS/#", { user: "$SYS" })).toBe(false);
	});

	test("Z7 a deny whose name cannot be filled in denies everything from there on", () => {
		const rules = ["allow all #", "deny all home/%u/x"];
		expect(may(rules, "publish", "home/a/b/x", { user: "a/b" })).toBe(false);
		expect(may(rules, "publish", "other", { user: "a/b" })).toBe(true);
		expect(may(rules, "publish", "home/x/x", { user: null })).toBe(true);
		expect(may(rules, "publish", "home/v/x", { user: "u" })).toBe(true);
		expect(may(["allow all #", "deny all home/%c"], "publish", "home/x", { clientId: "a#" })).toBe(false);
	});
});

describe("subscribing", () => {
	test.each([
		[["allow receive home/#"], "#", true, "some topic under it may be received"],
		[["allow receive home/light"], "+/+", true, "some topic under it may be received"],
		[["allow receive home/light"], "home/light/#", true, "# selects the level above"],
		[["allow receive home/light"], "home/light", true, "the topic may be received"],
		[["allow receive home/light"], "home/+/x", false, "nothing in common"],
		[["allow receive home/light"], "secret/#", false, "Z1 nothing in common"],
		[["allow receive home/+/x"], "+/u/#", true, "an intersection, though neither covers the other"],
		[["allow receive home/#"], "$SYS/#", false, "Z1 # and $SYS have nothing in common"],
		[["allow receive $SYS/#"], "#", false, "# and $SYS have nothing in common"],
		[["allow receive #"], "$SYS/#", false, "Z1 $SYS needs a rule of its own"],
		[["allow receive $SYS/#"], "$SYS/+", true, "$SYS by a rule of its own"],
		[["allow receive home/#", "deny receive home/#"], "home/+", false, "all of it is denied"],
		[["allow receive home/#", "deny receive home/a"], "home/+", true, "not all of it is denied"],
		[["allow receive home/# 1", "deny receive #"], "home/+", true, "the allow goes first"],
		[["allow receive home/#", "deny receive # 1"], "home/+", false, "the deny goes first"],
		[["deny subscribe #", "allow receive #"], "home/+", false, "a subscribe rule that covers the filter decides"],
		[["deny subscribe home/#", "allow receive #"], "#", true, "one that does not cover it does not"],
		[["allow subscribe home/#"], "home/+/x", true, "a subscribe rule that covers the filter decides"],
		[["allow subscribe home/+"], "home/#", false, "+ does not cover #"],
		[["allow subscribe +/#"], "#", true, "+/# selects what # selects"],
		[["allow publish #"], "a", false, "publishing is something else"],
		[["allow receive home/%u"], "home/+", true, "%u as the user"],
		[["allow receive home/%u"], "home/v", false, "%u is nobody else"],
		[[], "#", false, "no rules"],
	])("with %j a subscription to %j is granted: %s (%s)", (rules, filter, expected) => {
		expect(may(rules, "subscribe", filter)).toBe(expected);
	});

	test("Z1 Z7 what the wildcard of a granted subscription selects is still checked topic by topic", () => {
		const rules = ["allow receive home/%u/#"];
		expect(may(rules, "subscribe", "#")).toBe(true);
		expect(may(rules, "receive", "home/v/x")).toBe(false);
	});
});

describe("compiled rules against looking at every rule", () => {
	const random = new Random(20_270_101);
	const LEVELS = ["a", "b", "u", "c", "$x"];
	/** Every topic of up to three levels; no rule names the level z. */
	const topics = everyTopic(["a", "b", "u", "c", "$x", "z"], 3);

	const makeFilter = (placeholders: boolean): string => {
		const levels = Array.from({ length: 1 + random.number(3) }, () => {
			const kind = random.number(10);
			if (kind < 3) return "+";
			if (placeholders && kind === 3) return "%u";
			if (placeholders && kind === 4) return "%c";
			return random.pick(LEVELS);
		});
		return [...levels.slice(0, 2), ...(random.number(3) === 0 ? ["#"] : levels.slice(2))].join("/");
	};
	const makeRules = (): Rule[] =>
		Array.from({ length: random.number(8) }, () => ({
			effect: random.pick(["allow", "deny"] as const),
			action: random.pick(["publish", "receive", "subscribe", "all"] as const),
			filter: makeFilter(true),
			priority: random.number(3),
		}));

	const cases = Array.from({ length: 300 }, () => ({
		names: { user: random.pick(["u", null, "$x", "a"]), clientId: random.pick(["c", "a"]) },
		rules: makeRules(),
		cut: random.number(8),
		filter: makeFilter(false),
	}));

	test("publish and receive decide the same for every topic", () => {
		for (const { names, rules, cut } of cases) {
			const compiled = compile(names, rules, cut);
			for (const topic of topics) {
				const expected = {
					publish: naive(rules, "publish", topic, names),
					receive: naive(rules, "receive", topic, names),
				};
				const decided = {
					publish: decidePublish(compiled, topic).allow,
					receive: decideReceive(compiled, topic).allow,
				};
				expect({ topic, rules, names, ...decided }).toEqual({ topic, rules, names, ...expected });
			}
		}
	});

	test("subscribe is decided by the first rule that covers the filter, else by what may be received", () => {
		for (const { names, rules, cut, filter } of cases) {
			const compiled = compile(names, rules, cut);
			const selected = topics.filter((topic) => matchesTopic(filter, topic));
			const covering = inOrder(rules, "subscribe").find((each) => covers(each, selected, names));
			const receivable = selected.some((topic) => naive(rules, "receive", topic, names));
			const { allow } = decideSubscribe(compiled, filter);
			const context = { filter, rules, names };
			if (covering) expect({ ...context, allow }).toEqual({ ...context, allow: covering.effect === "allow" });
			else if (receivable) expect({ ...context, allow }).toEqual({ ...context, allow: true });
			// Several denies together may leave nothing of an allow: the subscription is then granted, and stays empty.
			else if (!rules.some(({ effect }) => effect === "deny")) {
				expect({ ...context, allow }).toEqual({ ...context, allow: false });
			}
		}
	});

	test("no subscription is granted where no allow for receiving or subscribing exists", () => {
		for (const { names, rules, filter } of cases) {
			const denies = rules.map((each): Rule => ({ ...each, effect: "deny" }));
			expect(decideSubscribe(compile(names, denies, 0), filter).allow).toBe(false);
		}
	});

	/** In two lists, as own rules and those of a group. */
	function compile(names: Names, rules: readonly Rule[], cut: number): Rights {
		const lists = [rules.slice(0, cut), rules.slice(cut)].map((part, at) => new CompiledRules(part, `list ${at}`));
		return { names, lists, defaults: denyDefaults };
	}
});

function naive(rules: readonly Rule[], action: Action, topic: string, names: Names): boolean {
	const found = inOrder(rules, action).find((each) => selects(each, topic, names));
	return found?.effect === "allow";
}

function inOrder(rules: readonly Rule[], action: Action): Rule[] {
	const fitting = rules.filter((each) => each.action === action || each.action === "all");
	return fitting.sort((a, b) => b.priority - a.priority || (a.effect === b.effect ? 0 : a.effect === "deny" ? -1 : 1));
}

function selects({ filter }: Rule, topic: string, { user, clientId }: Names): boolean {
	if (topic.startsWith("$") && !filter.startsWith("$")) return false;
	const levels = filter.split("/");
	if (levels.includes("%u") && (user === null || !fillsLevel(user))) return false;
	const filled = levels.map((level) => (level === "%u" ? (user ?? "") : level === "%c" ? clientId : level)).join("/");
	return matchesTopic(filled, topic);
}

function covers(each: Rule, selected: readonly string[], names: Names): boolean {
	return selected.length > 0 && selected.every((topic) => selects(each, topic, names));
}

function everyTopic(levels: readonly string[], depth: number): string[] {
	const shorter = depth === 1 ? [] : everyTopic(levels, depth - 1);
	const longest = depth === 1 ? levels : shorter.filter((topic) => topic.split("/").length === depth - 1);
	if (depth === 1) return [...levels];
	return [...shorter, ...longest.flatMap((topic) => levels.map((level) => `${topic}/${level}`))];
}
