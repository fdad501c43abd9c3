/** Topic names and topic filters, checked on their bytes. */

import { problems, type WireProblem } from "./problems";
import { nonAsciiProblem } from "./utf8";

/** As many levels as aedes's matcher takes: it throws on more. */
export const DEFAULT_TOPIC_LEVELS = 100;

const HASH = 0x23;
const PLUS = 0x2b;
const SLASH = 0x2f;
const SHARE = Buffer.from("$share");

/** What is wrong with the topic name from `from` up to, not including, `to`? An empty one is left to the caller. */
export function topicNameProblem(bytes: Buffer, from: number, to: number, maxLevels: number): WireProblem | undefined {
	let levels = 1;
	let ascii = true;
	for (let at = from; at < to; at++) {
		const byte = bytes[at] as number;
		if (byte === SLASH) levels++;
		else if (byte === PLUS || byte === HASH) return problems.topicWildcard;
		else if (byte === 0) return problems.nulInText;
		else if (byte >= 0x80) ascii = false;
	}
	const illFormed = ascii ? undefined : nonAsciiProblem(bytes, from, to);
	return illFormed ?? (levels > maxLevels ? problems.topicTooDeep : undefined);
}

/** What is wrong with the topic filter, shared or not, from `from` up to, not including, `to`? */
export function topicFilterProblem(
	bytes: Buffer,
	from: number,
	to: number,
	maxLevels: number,
): WireProblem | undefined {
	if (!isShared(bytes, from, to)) return plainFilterProblem(bytes, from, to, maxLevels);
	const nameAt = from + SHARE.length + 1;
	const slash = bytes.indexOf(SLASH, nameAt);
	if (slash <= nameAt || slash >= to - 1) return problems.shareName;
	const nameProblem = topicNameProblem(bytes, nameAt, slash, 1);
	if (nameProblem === problems.topicWildcard) return problems.shareName;
	return nameProblem ?? plainFilterProblem(bytes, slash + 1, to, maxLevels);
}

/** Is the first level `$share`? */
export function isShared(bytes: Buffer, from: number, to: number): boolean {
	const end = from + SHARE.length;
	if (to < end || bytes[from] !== SHARE[0] || bytes.compare(SHARE, 0, SHARE.length, from, end) !== 0) return false;
	return end === to || bytes[end] === SLASH;
}

function plainFilterProblem(bytes: Buffer, from: number, to: number, maxLevels: number): WireProblem | undefined {
	if (from === to) return problems.filterEmpty;
	let levels = 1;
	let ascii = true;
	for (let at = from; at < to; at++) {
		const byte = bytes[at] as number;
		if (byte === SLASH) levels++;
		else if (byte === HASH) {
			if (at !== to - 1 || !startsLevel(bytes, from, at)) return problems.filterHash;
		} else if (byte === PLUS) {
			if (!startsLevel(bytes, from, at) || !endsLevel(bytes, at, to)) return problems.filterPlus;
		} else if (byte === 0) return problems.nulInText;
		else if (byte >= 0x80) ascii = false;
	}
	const illFormed = ascii ? undefined : nonAsciiProblem(bytes, from, to);
	return illFormed ?? (levels > maxLevels ? problems.filterTooDeep : undefined);
}

function startsLevel(bytes: Buffer, from: number, at: number): boolean {
	return at === from || bytes[at - 1] === SLASH;
}

function endsLevel(bytes: Buffer, at: number, to: number): boolean {
	return at === to - 1 || bytes[at + 1] === SLASH;
}
