/** Finds where a text stops being JSON, which JSON.parse tells only for some errors and not in every Node version. */

/** A place in a text. Lines and columns count from 1. */
export interface JsonErrorPosition {
	readonly line: number;
	readonly column: number;
	/** The text ends before the JSON does: the file is incomplete. */
	readonly atEnd: boolean;
}

type Token = "{" | "}" | "[" | "]" | "," | ":" | "string" | "scalar";

/** What may come next. `OrClose`: also the bracket that closes the list or object around. */
type Expected = "value" | "valueOrClose" | "key" | "keyOrClose" | "colon" | "commaOrClose" | "nothing";

const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
/** A whole escape sequence, or one that the end of the text cuts off. */
const escapeSequence = /^\\(?:["\\/bfnrt]|u[\da-fA-F]{4}|(?:u[\da-fA-F]{0,3})?$)/;
const space = /[ \t\r\n]*/y;

/** @returns `undefined` when the whole text is one JSON value */
export function findJsonError(text: string): JsonErrorPosition | undefined {
	const open: ("{" | "[")[] = [];
	let expected: Expected = "value";
	let at = skipSpace(text, 0);
	while (at < text.length) {
		const token = readToken(text, at);
		if (!token.kind) return positionOf(text, token.end);
		const next = step(expected, token.kind, open);
		if (!next) return positionOf(text, at);
		expected = next;
		at = skipSpace(text, token.end);
	}
	return expected === "nothing" ? undefined : positionOf(text, text.length);
}

/** @returns its end; without a kind when no token starts there, and then `end` is the place of the error */
function readToken(text: string, at: number): { readonly kind?: Token; readonly end: number } {
	const first = text.charAt(at);
	if ("{}[],:".includes(first)) return { kind: first as Token, end: at + 1 };
	if (first === '"') return readString(text, at);
	scalar.lastIndex = at;
	return scalar.test(text) ? { kind: "scalar", end: scalar.lastIndex } : { end: at };
}

/** A loop and not one regular expression: strings of some megabytes would exhaust the expression's stack. */
function readString(text: string, start: number): { readonly kind?: Token; readonly end: number } {
	for (let at = start + 1; at < text.length; at++) {
		const character = text.charAt(at);
		if (character === '"') return { kind: "string", end: at + 1 };
		if (character < " ") return { end: at };
		if (character !== "\\") continue;
		if (!escapeSequence.test(text.slice(at, at + 6))) return { end: at };
		at++;
	}
	return { end: text.length };
}

/** @returns what is expected after the token, or `undefined` when the token is wrong here */
function step(expected: Expected, token: Token, open: ("{" | "[")[]): Expected | undefined {
	const mayClose = expected.endsWith("OrClose");
	if (mayClose && (token === "}" || token === "]")) {
		return open.pop() === (token === "}" ? "{" : "[") ? afterValue(open) : undefined;
	}
	if (expected === "commaOrClose") return token === "," ? (open.at(-1) === "[" ? "value" : "key") : undefined;
	if (expected === "colon") return token === ":" ? "value" : undefined;
	if (expected === "key" || expected === "keyOrClose") return token === "string" ? "colon" : undefined;
	if (expected === "nothing") return undefined;
	if (token === "string" || token === "scalar") return afterValue(open);
	if (token !== "{" && token !== "[") return undefined;
	open.push(token);
	return token === "{" ? "keyOrClose" : "valueOrClose";
}

function afterValue(open: readonly string[]): Expected {
	return open.length > 0 ? "commaOrClose" : "nothing";
}

function skipSpace(text: string, at: number): number {
	space.lastIndex = at;
	space.test(text);
	return space.lastIndex;
}

function positionOf(text: string, offset: number): JsonErrorPosition {
	const before = text.slice(0, offset).split("\n");
	return { line: before.length, column: (before.at(-1) ?? "").length + 1, atEnd: offset >= text.length };
}
