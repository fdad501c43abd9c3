/** Makes an access document of Mosquitto's password file and ACL file. */

import { whyNotName, whyNotRuleFilter } from "./check-model";
import { type AccessDocument, type Defaults, denyDefaults, type Group, newUser, type Rule, type User } from "./model";
import { type MosquittoAclEntry, parseMosquittoAcl } from "./mosquitto-acl-file";
import type { LineProblem } from "./mosquitto-line";
import { type MosquittoPassword, parseMosquittoPasswords } from "./mosquitto-password-file";

export interface MosquittoFiles {
	/** Text of the password file; `undefined` when there is none. */
	readonly passwords?: string;
	/** Text of the ACL file; `undefined` when there is none, which is not the same as an empty one. */
	readonly acl?: string;
	/** As `allow_anonymous`. */
	readonly anonymous: boolean;
}

/** `line` is 0 where the problem is not on one line. An `error` changes who may do what. */
export interface ImportProblem extends LineProblem {
	readonly file: "passwords" | "acl";
}

export interface ImportResult {
	readonly document: AccessDocument;
	readonly problems: readonly ImportProblem[];
}

/** The group with what Mosquitto grants to everybody; users who are added later are not in it by themselves. */
export const PATTERN_GROUP = "mosquitto-patterns";

/**
 * Mosquitto looks at a user's own list first and then at the patterns, which have priority 0 here: so an own allow beats
 * the deny of a pattern, and in each of the two a deny beats an allow.
 */
const OWN_PRIORITY = 10;

/**
 * Whom Mosquitto lets do something may do it afterwards, and nobody more; what cannot be said as a rule is a problem, and
 * where it was a deny, a wider deny takes its place. Two things differ for everybody: a subscription to what may not be
 * received is refused and not silently empty, and a client id with `+` or `#` is shut out of the patterns with `%c` only.
 * Passwords that stand in the file are taken as they are, and are hashed anew at the next login.
 */
export function importMosquitto({ passwords, acl, anonymous }: MosquittoFiles): ImportResult {
	const problems: ImportProblem[] = [];
	const report = (file: ImportProblem["file"], problem: LineProblem) => void problems.push({ file, ...problem });
	const reportAcl = (problem: LineProblem) => report("acl", problem);

	const known = readPasswords(passwords, (problem) => report("passwords", problem));
	if (passwords === undefined && anonymous) {
		const reason = "without a password file Mosquitto takes any user name; here only those who are added may log in";
		report("passwords", { line: 0, text: "", reason, severity: "error" });
	}
	const entries = acl === undefined ? [] : readAcl(acl, reportAcl);
	const own = (user: string | null) =>
		entries.flatMap((entry) =>
			entry.kind === "topic" && entry.user === user ? ruleOf(entry, OWN_PRIORITY, reportAcl) : [],
		);
	const patterns = entries.flatMap((entry) => (entry.kind === "pattern" ? ruleOf(entry, 0, reportAcl) : []));
	const everybody = acl === undefined ? withoutAcl : patterns;

	const group: Group = { name: PATTERN_GROUP, note: "What the Mosquitto files grant to everybody.", rules: everybody };
	const grouped = everybody.length > 0;
	const users = namesOf(known, entries, reportAcl).map((name): User => {
		// Mosquitto shuts such a name out of all patterns.
		const groups = grouped && !(patterns.length > 0 && /[+#]/.test(name)) ? [PATTERN_GROUP] : [];
		return { ...newUser, name, password: known.get(name)?.hash ?? null, groups, rules: own(name) };
	});
	const document: AccessDocument = {
		version: 1,
		defaults: acl === undefined ? allowDefaults : denyDefaults,
		anonymous: {
			enabled: anonymous,
			rules: [...own(null), ...everybody.filter(({ filter }) => !filter.split("/").includes("%u"))],
		},
		users,
		groups: grouped ? [group] : [],
	};
	return { document, problems };
}

const allowDefaults: Defaults = { publish: "allow", receive: "allow", subscribe: "allow" };
/** Without an ACL file `$SYS` may be read; flowbroker's defaults say nothing about topics below `$`. */
const withoutAcl: readonly Rule[] = [
	{ effect: "allow", action: "receive", filter: "$SYS/#", priority: 0 },
	{ effect: "allow", action: "subscribe", filter: "$SYS/#", priority: 0 },
];

type Report = (problem: LineProblem) => void;

function readPasswords(text: string | undefined, report: Report): ReadonlyMap<string, MosquittoPassword> {
	const { entries, problems } = parseMosquittoPasswords(text ?? "");
	for (const problem of problems) report(problem);
	const usable = entries.filter(({ line, user }) => {
		const why = whyNotName(user);
		if (why !== undefined) report({ line, text: `${user}:...`, reason: `the user name ${why}`, severity: "error" });
		return why === undefined;
	});
	return new Map(usable.map((entry) => [entry.user, entry]));
}

function readAcl(text: string, report: Report): MosquittoAclEntry[] {
	const { entries, problems } = parseMosquittoAcl(text);
	for (const problem of problems) report(problem);
	return entries.filter((entry) => {
		const why = entry.user === null ? undefined : whyNotName(entry.user);
		if (why !== undefined) {
			report({ line: entry.line, text: textOf(entry), reason: `its user name ${why}`, severity: "error" });
		}
		return why === undefined;
	});
}

/** The users of the password file, then those who only have rules. */
function namesOf(known: ReadonlyMap<string, unknown>, entries: readonly MosquittoAclEntry[], report: Report): string[] {
	const names = new Set(known.keys());
	for (const { user, line } of entries) {
		if (user === null || names.has(user)) continue;
		names.add(user);
		const reason = "the user has rules but no password, and cannot log in until one is set";
		report({ line, text: `user ${user}`, reason, severity: "warning" });
	}
	return [...names];
}

/** The one rule for the entry, or none. */
function ruleOf(entry: MosquittoAclEntry, priority: number, report: Report): Rule[] {
	const { line, access, filter, kind } = entry;
	const action = access === "read" ? "receive" : access === "write" ? "publish" : "all";
	const effect = access === "deny" ? "deny" : "allow";
	const literal = kind === "topic" && /(^|\/)%[uc](\/|$)/.test(filter);
	const why = literal ? "%u and %c are plain text in a topic line, but stand for names here" : whyNotRuleFilter(filter);
	if (why === undefined) return [{ effect, action, filter, priority }];
	if (effect === "allow") {
		report({ line, text: textOf(entry), reason: `${why}: not taken over`, severity: "error" });
		return [];
	}
	// A deny must not get lost: it becomes wider.
	const wider = filter.split("/").map((level) => (isPlaceholder(level, literal) ? "+" : level));
	const reason = `${why}: taken over as a deny of ${wider.join("/")}, which is more`;
	report({ line, text: textOf(entry), reason, severity: "error" });
	return [{ effect, action, filter: wider.join("/"), priority }];
}

function isPlaceholder(level: string, literal: boolean): boolean {
	return /%[uc]/.test(level) && (literal || level.length > 2);
}

function textOf({ kind, access, filter }: MosquittoAclEntry): string {
	return `${kind} ${access} ${filter}`;
}
