/** Mosquitto's ACL file, read line by line just as Mosquitto does. */

import { whyNotFilter } from "../topic";
import { type LineProblem, numberedLines } from "./mosquitto-line";

export type MosquittoAccessWord = "read" | "write" | "readwrite" | "deny";

/** A `topic` or `pattern` line. */
export interface MosquittoAclEntry {
	readonly line: number;
	readonly kind: "topic" | "pattern";
	/** Whose list a topic belongs to; `null` is the section for clients without user name. Always null for a pattern. */
	readonly user: string | null;
	readonly access: MosquittoAccessWord;
	readonly filter: string;
}

export interface MosquittoAcl {
	readonly entries: readonly MosquittoAclEntry[];
	/** With an error among them Mosquitto does not start. */
	readonly problems: readonly LineProblem[];
}

const WORDS: readonly string[] = ["read", "write", "readwrite", "deny"] satisfies MosquittoAccessWord[];
const MOST_LEVELS = 200;

/** Never throws: each line is an entry, a `user` line, a comment, blank, or has a problem. */
export function parseMosquittoAcl(text: string): MosquittoAcl {
	const entries: MosquittoAclEntry[] = [];
	const problems: LineProblem[] = [];
	let user: string | null = null;
	// After a broken user line it is not known whose the topics are.
	let lost = false;
	for (const { line, text: content } of numberedLines(text)) {
		if (content === "" || content.startsWith("#")) continue;
		const report = (reason: string, severity: LineProblem["severity"] = "error") =>
			problems.push({ line, text: content, reason, severity });
		const [keyword, rest] = splitWord(content);
		if (keyword === "user") {
			lost = rest === "";
			if (lost) report("the user name is missing");
			else user = rest;
		} else if (keyword === "topic" || keyword === "pattern") {
			const parsed = parseAccess(rest);
			if (typeof parsed === "string") report(parsed);
			else if (lost && keyword === "topic") report("it is not known which user this belongs to");
			else entries.push({ line, kind: keyword, user: keyword === "topic" ? user : null, ...parsed });
			for (const doubt of doubts(keyword, rest)) report(doubt, "warning");
		} else {
			report(whyNoKeyword(content, keyword));
		}
	}
	return { entries, problems };
}

/** The text of an ACL file. The filters must be writable, see {@link whyNotWritableFilter}. */
export function serialiseMosquittoAcl(entries: ReadonlyArray<Omit<MosquittoAclEntry, "line">>): string {
	const lists = new Map<string | null, string[]>([[null, []]]);
	const patterns: string[] = [];
	for (const { kind, user, access, filter } of entries) {
		const list = kind === "pattern" ? patterns : (lists.get(user) ?? []);
		list.push(`${kind} ${access} ${filter}\n`);
		if (kind === "topic") lists.set(user, list);
	}
	// Clients without user name come first: they have no line of their own that begins their list.
	const sections = [...lists].map(([user, lines]) => (user === null ? "" : `user ${user}\n`) + lines.join(""));
	return [...sections, patterns.join("")].filter((section) => section !== "").join("\n");
}

/** Says why a filter cannot stand in an ACL file; `undefined` when it can. */
export function whyNotWritableFilter(filter: string): string | undefined {
	if (/^ |[ \t\r\n\v\f]$/.test(filter)) return "the topic filter starts or ends with a blank";
	if (/[\n\0]/.test(filter)) return "the topic filter contains a control character";
	return whyNotMosquittoFilter(filter);
}

function parseAccess(rest: string): Pick<MosquittoAclEntry, "access" | "filter"> | string {
	if (rest === "") return "the topic is missing";
	const [first, behind] = splitWord(rest);
	// One word only is the topic, even when it is an access word.
	const [access, filter] = behind === "" ? ["readwrite", first] : [first, behind];
	if (!isAccessWord(access))
		return `"${access}" is not read, write, readwrite or deny (a comment needs a line of its own)`;
	return whyNotMosquittoFilter(filter) ?? { access, filter };
}

function whyNotMosquittoFilter(filter: string): string | undefined {
	if (filter.split("/").length > MOST_LEVELS) return `the topic has more than ${MOST_LEVELS} levels`;
	return whyNotFilter(filter);
}

function doubts(keyword: "topic" | "pattern", rest: string): string[] {
	const found: string[] = [];
	if (WORDS.includes(rest)) found.push(`"${rest}" alone is taken for a topic, with readwrite access`);
	if (rest.includes("\t")) found.push("the tab is taken for a part of the topic: only a space separates words");
	if (keyword === "pattern" && !/%[uc]/.test(rest))
		found.push("the pattern has neither %u nor %c: it holds for everybody");
	return found;
}

function whyNoKeyword(content: string, keyword: string): string {
	if (content.startsWith("\ufeff")) return "the file starts with a byte order mark: save it as UTF-8 without BOM";
	if (keyword.startsWith("#")) return "a comment must start in the first column";
	if (keyword.includes("\t")) return "a keyword must be followed by a space, not by a tab";
	return "a line must start with user, topic or pattern, in lower case";
}

/** The first word and the rest, between which only spaces stand; spaces in front do not count. */
function splitWord(text: string): [word: string, rest: string] {
	const start = text.replace(/^ +/, "");
	const end = start.indexOf(" ");
	return end === -1 ? [start, ""] : [start.slice(0, end), start.slice(end).replace(/^ +/, "")];
}

function isAccessWord(word: string): word is MosquittoAccessWord {
	return WORDS.includes(word);
}
