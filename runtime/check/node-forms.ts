/**
 * Reads from the html of nodes which of their properties refer to other nodes, and which are credentials. The text is
 * searched and not run: what a form computes is not found, and then nothing is said about it.
 */

import { existsSync, readFileSync } from "node:fs";

/** A property that holds the id of another node. */
export interface ReferenceProperty {
	/** The type of the other node; `*` for any. */
	readonly type: string;
	/** It holds a list of ids. */
	readonly many: boolean;
	/** The node does nothing without it. */
	readonly required: boolean;
}

/** What a form says of one node type. */
export interface NodeForm {
	readonly references: ReadonlyMap<string, ReferenceProperty>;
	/** Names of the credentials. */
	readonly credentials: readonly string[];
}

export type NodeForms = ReadonlyMap<string, NodeForm>;

/** @param files html files; one that does not exist says nothing */
export function readNodeForms(files: readonly string[]): NodeForms {
	const texts = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, "utf8"));
	return new Map(texts.flatMap((text) => [...parseNodeForms(text)]));
}

/** @param html for example the text of `10-mqtt.html` */
export function parseNodeForms(html: string): NodeForms {
	const starts = [...html.matchAll(/\bregisterType\(\s*(["'])(.+?)\1/g)];
	const forms = starts.map((start, at): [string, NodeForm] => {
		const text = html.slice(start.index, starts[at + 1]?.index);
		return [start[2] ?? "", { references: references(block(text, "defaults")), credentials: credentials(text) }];
	});
	return new Map(forms);
}

function references(text: string): Map<string, ReferenceProperty> {
	const found = new Map<string, ReferenceProperty>();
	for (const [, property = "", type = "", before = "", after = ""] of typedEntries(text)) {
		const required = /\brequired\s*:\s*(?:true|!0)/.test(`${before} ${after}`);
		found.set(property, { type: type.replace(/\[\]$/, ""), many: type.endsWith("[]"), required });
	}
	return found;
}

function credentials(text: string): string[] {
	return typedEntries(block(text, "credentials")).map(([, property = ""]) => property);
}

/** The entries `name: { type: "..." }`: the whole, the name, the type, what stands before and after the type. */
function typedEntries(text: string): string[][] {
	const entry = /["']?([\w-]+)["']?\s*:\s*\{([^{}]*?)\btype\s*:\s*(?:"([^"]+)"|'([^']+)')([^{}]*)/g;
	return [...text.matchAll(entry)].map(([whole, name = "", before = "", one, other, after = ""]) => {
		return [whole, name, one ?? other ?? "", before, after];
	});
}

/** The text between the braces behind `name:`, or none. */
function block(text: string, name: string): string {
	const start = new RegExp(`\\b${name}\\s*:\\s*\\{`).exec(text);
	if (!start) return "";
	const from = start.index + start[0].length;
	let depth = 1;
	for (let at = from; at < text.length; at++) {
		if (text[at] === "{") depth++;
		if (text[at] === "}") depth--;
		if (depth === 0) return text.slice(from, at);
	}
	return "";
}
