/** Mosquitto's password file: `user:hash`, one a line. */

import { type LineProblem, numberedLines } from "./mosquitto-line";
import { whyNotPasswordHash } from "./password-hash";

export interface MosquittoPassword {
	readonly line: number;
	readonly user: string;
	/** `$6$...`, `$7$...` or `$argon2id$...`; known to be usable. */
	readonly hash: string;
}

export interface MosquittoPasswords {
	/** One for each user; of several lines for one user the last, as in Mosquitto 2.0. */
	readonly entries: readonly MosquittoPassword[];
	readonly problems: readonly LineProblem[];
}

const LONGEST_NAME = 65_535;

/** Never throws: each line is an entry, a comment, blank, or has a problem. */
export function parseMosquittoPasswords(text: string): MosquittoPasswords {
	const entries = new Map<string, MosquittoPassword>();
	const problems: LineProblem[] = [];
	for (const { line, text: content } of numberedLines(text)) {
		if (content === "" || content.startsWith("#")) continue;
		const [name, hash] = content.split(":").map((field) => field.trim());
		// Without a colon the text may be a password: it is not shown.
		if (name === undefined || hash === undefined) {
			problems.push({ line, text: "...", reason: "there is no colon: the line is ignored", severity: "warning" });
			continue;
		}
		const report = (reason: string, severity: LineProblem["severity"]) =>
			problems.push({ line, text: `${name}:...`, reason, severity });
		const why = whyNotMosquittoName(name) ?? whyNotPasswordHash(hash);
		if (why !== undefined) {
			report(why, "error");
			continue;
		}
		const earlier = entries.get(name);
		if (earlier) report(`the user stands on line ${earlier.line} too: the last line counts`, "warning");
		entries.delete(name);
		entries.set(name, { line, user: name, hash });
	}
	return { entries: [...entries.values()], problems };
}

/** @param entries names must be valid, see {@link whyNotWritableName} */
export function serialiseMosquittoPasswords(entries: ReadonlyArray<Omit<MosquittoPassword, "line">>): string {
	return entries.map(({ user, hash }) => `${user}:${hash}\n`).join("");
}

/** Says why a user name cannot stand in a password file; `undefined` when it can. */
export function whyNotWritableName(name: string): string | undefined {
	if (name.includes(":")) return "the user name contains a colon";
	if (name.startsWith("#")) return "the user name starts with #, which would make it a comment";
	if (name.trim() !== name) return "the user name starts or ends with a blank";
	return whyNotMosquittoName(name);
}

function whyNotMosquittoName(name: string): string | undefined {
	if (name === "") return "the user name is empty";
	if (Buffer.byteLength(name) > LONGEST_NAME) return "the user name is too long";
	if ([...name].some((character) => character < " " || character === "\u007f" || character === "\ufeff")) {
		return "the user name contains control characters";
	}
	return undefined;
}
