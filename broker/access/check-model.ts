/** Checks users, groups and rules that come from a file, from the admin API or from the command line. */

import { whyNotFilter } from "../topic";
import { choice, flag, inside, list, type Place, record, text, wrong } from "./check-value";
import { type Anonymous, type Defaults, denyDefaults, type Group, newUser, type Rule, type User } from "./model";
import { whyNotPasswordHash } from "./password-hash";

const ACTIONS = ["publish", "receive", "subscribe", "all"] as const;
const EFFECTS = ["allow", "deny"] as const;
/** Long enough for people and device ids, short enough to be shown. */
const LONGEST_NAME = 256;
/** As in Mosquitto. */
const MOST_LEVELS = 200;
const LARGEST_PRIORITY = 1_000_000;
const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** Says what is wrong with the name of a user or group, in words for a person; `undefined` when it is valid. */
export function whyNotName(name: string): string | undefined {
	if (name === "") return "must not be empty";
	if (name.length > LONGEST_NAME) return `must have at most ${LONGEST_NAME} characters`;
	if (name.trim() !== name) return "must not start or end with a blank";
	if ([...name].some((character) => character < " " || character === "\u007f")) {
		return "must not contain control characters";
	}
	return undefined;
}

/** Says what is wrong with the filter of a rule, in words for a person; `undefined` when it is valid. */
export function whyNotRuleFilter(filter: string): string | undefined {
	const why = whyNotFilter(filter);
	if (why !== undefined) return why;
	const levels = filter.split("/");
	if (levels.length > MOST_LEVELS) return `a topic filter of a rule may have at most ${MOST_LEVELS} levels`;
	if (levels.some((level) => /%[uc]/.test(level) && level.length > 2)) {
		return "%u and %c must stand alone between slashes, as in home/%u/light";
	}
	return undefined;
}

export function checkRule(value: unknown, place: Place): Rule {
	const given = record(value, place, ["effect", "action", "filter", "priority"]);
	const filter = text(given.filter, inside(place, "filter"));
	const why = whyNotRuleFilter(filter);
	if (why !== undefined) throw wrong(inside(place, "filter"), `is not a topic filter: ${why}`);
	return {
		effect: choice(given.effect, inside(place, "effect"), EFFECTS),
		action: choice(given.action, inside(place, "action"), ACTIONS),
		filter,
		priority: checkPriority(given.priority ?? 0, inside(place, "priority")),
	};
}

export function checkGroup(value: unknown, place: Place): Group {
	const given = record(value, place, ["name", "note", "rules"]);
	return {
		name: checkName(given.name, inside(place, "name")),
		note: text(given.note ?? "", inside(place, "note")),
		rules: list(given.rules ?? [], inside(place, "rules"), checkRule),
	};
}

/** @param groupNames the groups that exist */
export function checkUser(value: unknown, place: Place, groupNames: ReadonlySet<string>): User {
	const given = { ...newUser, ...record(value, place, ["name", ...Object.keys(newUser)]) };
	const groups = list(given.groups, inside(place, "groups"), (name, at) => {
		const group = text(name, at);
		if (!groupNames.has(group)) throw wrong(at, `names the group ${JSON.stringify(group)}, which does not exist`);
		return group;
	});
	return {
		name: checkName((given as { name?: unknown }).name, inside(place, "name")),
		password: given.password === null ? null : checkPassword(given.password, inside(place, "password")),
		enabled: flag(given.enabled, inside(place, "enabled")),
		groups: [...new Set(groups)],
		clientIds: given.clientIds === null ? null : list(given.clientIds, inside(place, "clientIds"), text),
		expires: given.expires === null ? null : checkDate(given.expires, inside(place, "expires")),
		note: text(given.note, inside(place, "note")),
		rules: list(given.rules, inside(place, "rules"), checkRule),
	};
}

export function checkAnonymous(value: unknown, place: Place): Anonymous {
	const given = record(value, place, ["enabled", "rules"]);
	return {
		enabled: flag(given.enabled ?? false, inside(place, "enabled")),
		rules: list(given.rules ?? [], inside(place, "rules"), checkRule),
	};
}

export function checkDefaults(value: unknown, place: Place): Defaults {
	const given = { ...denyDefaults, ...record(value, place, Object.keys(denyDefaults)) };
	return {
		publish: choice(given.publish, inside(place, "publish"), EFFECTS),
		receive: choice(given.receive, inside(place, "receive"), EFFECTS),
		subscribe: choice(given.subscribe, inside(place, "subscribe"), EFFECTS),
	};
}

function checkName(value: unknown, place: Place): string {
	const name = text(value, place);
	const why = whyNotName(name);
	if (why !== undefined) throw wrong(place, why);
	return name;
}

function checkPassword(value: unknown, place: Place): string {
	const hash = text(value, place);
	const why = whyNotPasswordHash(hash);
	if (why !== undefined) throw wrong(place, `is not a password hash: ${why}`);
	return hash;
}

function checkDate(value: unknown, place: Place): string {
	const date = text(value, place);
	if (!DATE.test(date) || Number.isNaN(Date.parse(date)) || !isDay(date.slice(0, 10))) {
		throw wrong(place, "must be a date such as 2027-01-31 or 2027-01-31T18:00:00Z");
	}
	return date;
}

/** Date.parse takes February 30 for March 2. */
function isDay(day: string): boolean {
	const time = Date.parse(day);
	return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

function checkPriority(value: unknown, place: Place): number {
	if (typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= LARGEST_PRIORITY) return value;
	throw wrong(place, `must be a number from -${LARGEST_PRIORITY} to ${LARGEST_PRIORITY}`);
}
