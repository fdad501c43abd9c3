/** Writes an access document as Mosquitto's password file and ACL file, as far as these can say it. */

import type { AccessDocument, Action, Group, Rule, User } from "./model";
import { type MosquittoAclEntry, serialiseMosquittoAcl, whyNotWritableFilter } from "./mosquitto-acl-file";
import { serialiseMosquittoPasswords, whyNotWritableName } from "./mosquitto-password-file";
import { isExpired } from "./rule-book";
import { fillsLevel } from "./rules";

export interface ExportProblem {
	/** Whom it is about: `user "alice"`, `anonymous clients`. */
	readonly where: string;
	/** What Mosquitto's files cannot say, and what was written instead. */
	readonly reason: string;
}

export interface ExportResult {
	readonly passwords: string;
	readonly acl: string;
	/** What `allow_anonymous` has to be. */
	readonly anonymous: boolean;
	readonly problems: readonly ExportProblem[];
}

type AclLine = Omit<MosquittoAclEntry, "line">;

/**
 * Nobody gets more rights than in the document: what cannot be said is left out when it is an allow, and made wider when
 * it is a deny. Each such place is a problem in the result.
 * @param now milliseconds since 1970: users who have expired are left out
 */
export function exportMosquitto(document: AccessDocument, now: number): ExportResult {
	const problems: ExportProblem[] = [];
	const report = (where: string, reason: string) => void problems.push({ where, reason });
	const users = document.users.filter((user) => {
		const why = whyLeftOut(user, now);
		if (why !== undefined) report(`user "${user.name}"`, `${why}: left out`);
		else if (user.clientIds) report(`user "${user.name}"`, "Mosquitto cannot limit the client ids: any may be used");
		return why === undefined;
	});
	const common = patternGroup(document, users);
	if (document.defaults.subscribe === "deny") {
		report("everybody", "Mosquitto grants every subscription, and checks what is delivered");
	}
	const lines: AclLine[] = [];
	if (document.anonymous.enabled) {
		const rules = common ? notIn(document.anonymous.rules, common.rules) : document.anonymous.rules;
		lines.push(...listOf(null, [...rules, ...defaultRules(document)], report));
	}
	for (const user of users) {
		const groups = document.groups.filter(({ name }) => name !== common?.name && user.groups.includes(name));
		const rules = [...user.rules, ...groups.flatMap((group) => group.rules), ...defaultRules(document)];
		lines.push(...listOf(user.name, rules, report));
	}
	if (common) lines.push(...linesOf(common.rules, "pattern", null, `group "${common.name}"`, report));
	return {
		passwords: serialiseMosquittoPasswords(users.map(({ name, password }) => ({ user: name, hash: password ?? "" }))),
		acl: serialiseMosquittoAcl(lines),
		anonymous: document.anonymous.enabled,
		problems,
	};
}

type Report = (where: string, reason: string) => void;

function whyLeftOut(user: User, now: number): string | undefined {
	if (user.password === null) return "the user has no password";
	if (user.password.startsWith("SCRAM-")) return "its password is kept for SCRAM, which Mosquitto does not know";
	if (!user.enabled) return "the user is disabled";
	return isExpired(user, now) ? "the user has expired" : whyNotWritableName(user.name);
}

/** The group that Mosquitto's patterns can say: everybody has it, and all other rules go before its rules. */
function patternGroup({ groups, anonymous, defaults }: AccessDocument, users: readonly User[]): Group | undefined {
	if (defaults.publish === "allow" || defaults.receive === "allow") return undefined;
	return groups.find(({ name, rules }) => {
		if (!users.every((user) => user.groups.includes(name) && fillsLevel(user.name))) return false;
		const forAnonymous = rules.filter(({ filter }) => !filter.split("/").includes("%u"));
		if (anonymous.enabled && notIn(forAnonymous, anonymous.rules).length > 0) return false;
		const highest = Math.max(...rules.map(({ priority }) => priority));
		const others = [
			...users.flatMap((user) => user.rules),
			...groups.flatMap((group) => (group.name === name ? [] : group.rules)),
			...(anonymous.enabled ? notIn(anonymous.rules, rules) : []),
		];
		return others.every(({ priority }) => priority > highest);
	});
}

function listOf(user: string | null, rules: readonly Rule[], report: Report): AclLine[] {
	const where = user === null ? "anonymous clients" : `user "${user}"`;
	const filled = rules.flatMap((rule) => fill(rule, user, (reason) => report(where, reason)));
	return linesOf(filled, "topic", user, where, report);
}

/** The rule with plain topics; none when it never matches or cannot be said. */
function fill(rule: Rule, user: string | null, report: (reason: string) => void): Rule[] {
	const levels = rule.filter.split("/");
	if (user === null && levels.includes("%u")) return [];
	const named = levels.map((level) => (level === "%u" && user !== null && fillsLevel(user) ? user : level));
	// A name that starts with $ must not open the topics below $.
	if (named[0]?.startsWith("$") && !rule.filter.startsWith("$")) return [];
	const at = named.findIndex((level) => level === "%u" || level === "%c");
	if (at === -1) return [{ ...rule, filter: named.join("/") }];
	if (rule.effect === "allow") {
		if (named.includes("%c")) report(`"${textOf(rule)}" is left out: %c can only stand in a pattern for everybody`);
		return [];
	}
	const wider = [...named.slice(0, at), "#"].join("/");
	report(`"${textOf(rule)}" cannot be said for one user: written as a deny of ${wider}, which is more`);
	return [{ ...rule, filter: wider }];
}

function linesOf(rules: readonly Rule[], kind: AclLine["kind"], user: string | null, where: string, report: Report) {
	for (const [allow, deny] of overruled(rules)) {
		report(where, `"${textOf(allow)}" goes before "${textOf(deny)}" here; in Mosquitto the deny always goes first`);
	}
	return rules.flatMap((rule): AclLine[] => {
		const told = (reason: string) => report(where, `"${textOf(rule)}" ${reason}`);
		return rule.effect === "allow" ? allowLine(rule, kind, user, told) : [denyLine(rule, kind, user, told)];
	});
}

function allowLine(
	{ action, filter }: Rule,
	kind: AclLine["kind"],
	user: string | null,
	told: (reason: string) => void,
) {
	const why = action === "subscribe" ? "Mosquitto grants every subscription" : whyNotWritableFilter(filter);
	if (why !== undefined) told(`is left out: ${why}`);
	const access = action === "publish" ? "write" : action === "receive" ? "read" : "readwrite";
	return why === undefined ? [{ kind, user, access, filter } as const] : [];
}

function denyLine(
	{ action, filter }: Rule,
	kind: AclLine["kind"],
	user: string | null,
	told: (reason: string) => void,
): AclLine {
	if (action !== "all") told("denies publish and receive in Mosquitto, which cannot tell them apart");
	const why = whyNotWritableFilter(filter);
	if (why === undefined) return { kind, user, access: "deny", filter };
	const wider = filter.split("/").map((level) => (/^\s|\s$|[\n\0]/.test(level) ? "+" : level));
	told(`is written as a deny of ${wider.join("/")}, which is more: ${why}`);
	return { kind, user, access: "deny", filter: wider.join("/") };
}

/** Pairs of an allow and a deny for the same topics where the allow has the higher priority. */
function overruled(rules: readonly Rule[]): Array<[allow: Rule, deny: Rule]> {
	const denies = rules.filter(({ effect }) => effect === "deny");
	return rules.flatMap((allow) =>
		allow.effect === "deny"
			? []
			: denies
					.filter((deny) => allow.priority > deny.priority && filtersOverlap(allow.filter, deny.filter))
					.map((deny): [Rule, Rule] => [allow, deny]),
	);
}

function defaultRules({ defaults }: AccessDocument): Rule[] {
	const actions = (["publish", "receive"] satisfies Action[]).filter((action) => defaults[action] === "allow");
	return actions.map((action) => ({ effect: "allow", action, filter: "#", priority: Number.NEGATIVE_INFINITY }));
}

/** Is there a topic that both select? A placeholder may stand for anything. */
function filtersOverlap(a: string, b: string): boolean {
	const [left, right] = [a.split("/"), b.split("/")];
	for (let at = 0; ; at++) {
		const [l, r] = [left[at], right[at]];
		if (l === "#" || r === "#") return true;
		if (l === undefined || r === undefined) return l === r;
		if (l !== r && ![l, r].some((level) => ["+", "%u", "%c"].includes(level))) return false;
	}
}

function notIn(rules: readonly Rule[], others: readonly Rule[]): Rule[] {
	const texts = new Set(others.map(textOf));
	return rules.filter((rule) => !texts.has(textOf(rule)));
}

function textOf({ effect, action, filter }: Rule): string {
	return `${effect} ${action} ${filter}`;
}
