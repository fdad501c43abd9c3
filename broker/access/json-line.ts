/** Finds the line where a text stops being JSON: `JSON.parse` does not say it in every version of Node.js. */

const TOKEN =
	/[ \t\n\r]*(?:([{}[\],:])|("(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.]))/y;

type Expected = "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end";

/** @returns the first line, counted from 1, that cannot be read; `undefined` when the text is JSON */
export function brokenJsonLine(text: string): number | undefined {
	const offset = brokenOffset(text);
	return offset === undefined ? undefined : text.slice(0, offset).split("\n").length;
}

function brokenOffset(text: string): number | undefined {
	const open: string[] = [];
	let expected: Expected = "value";
	let at = 0;
	for (;;) {
		if (open.length === 0 && expected === "comma or end") {
			const rest = text.slice(at).search(/[^ \t\n\r]/);
			return rest === -1 ? undefined : at + rest;
		}
		TOKEN.lastIndex = at;
		const token: RegExpExecArray | null = TOKEN.exec(text);
		const next: Expected | undefined | null =
			token && step(expected, token[1] ?? (token[2] === undefined ? "literal" : "string"), open);
		if (!token || !next) return at + Math.max(0, text.slice(at).search(/[^ \t\n\r]|$/));
		expected = next;
		at = TOKEN.lastIndex;
	}
}

/** What may follow the token; `undefined` when the token may not stand here. Keeps `open` up to date. */
function step(expected: Expected, token: string, open: string[]): Expected | undefined {
	if (expected === "colon") return token === ":" ? "value" : undefined;
	if (expected === "key" || expected === "key or end") {
		if (token === "string") return "colon";
		return token === "}" && expected === "key or end" ? close(open) : undefined;
	}
	if (expected === "comma or end") {
		if (token === ",") return open.at(-1) === "{" ? "key" : "value";
		return (token === "}" && open.at(-1) === "{") || (token === "]" && open.at(-1) === "[") ? close(open) : undefined;
	}
	if (token === "string" || token === "literal") return "comma or end";
	if (token === "]" && expected === "value or end") return close(open);
	if (token !== "{" && token !== "[") return undefined;
	open.push(token);
	return token === "{" ? "key or end" : "value or end";
}

function close(open: string[]): Expected {
	open.pop();
	return "comma or end";
}
