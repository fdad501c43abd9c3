/** Shows a payload: text, JSON or bytes. */

import { h, replaceChildren } from "../dom";
import { bytes } from "../format";
import type { Translate } from "../text";

/** A payload as the server tells it. */
export interface PayloadView {
	readonly payload: string;
	readonly encoding: "text" | "base64";
	/** Bytes of the whole. */
	readonly size: number;
	readonly truncated: boolean;
}

export interface ValueView {
	readonly element: HTMLElement;
	show(value: PayloadView): void;
}

export function valueView(t: Translate): ValueView {
	const element = h("div", { class: "flowbroker-value" });
	let before = "";
	return {
		element,
		show(value) {
			const now = JSON.stringify([value.payload, value.size]);
			if (now === before) return;
			before = now;
			const { kind, text } = readable(value);
			const size = t(value.truncated ? "value.beginning" : "value.whole", { size: bytes(value.size) });
			replaceChildren(
				element,
				h("div", { class: "flowbroker-quiet" }, `${t(`value.${kind}`)} · ${size}`),
				h("pre", { class: "flowbroker-mono", tabindex: "0", "data-kind": kind }, text),
			);
		},
	};
}

/** On one line, for a list. */
export function preview({ payload, encoding, size }: PayloadView, t: Translate): string {
	if (size === 0) return t("value.nothing");
	if (encoding === "base64") return t("value.binary", { size: bytes(size) });
	return payload.slice(0, 200).replace(/\s+/g, " ");
}

/** The number that a payload stands for, for a chart. */
export function numberIn({ payload, encoding, truncated }: PayloadView): number | undefined {
	const isNumber = encoding === "text" && !truncated && /^\s*-?\d+(\.\d+)?([eE][+-]?\d+)?\s*$/.test(payload);
	return isNumber ? Number(payload) : undefined;
}

function readable({ payload, encoding, size, truncated }: PayloadView): {
	kind: "empty" | "hex" | "json" | "text";
	text: string;
} {
	if (size === 0) return { kind: "empty", text: "" };
	if (encoding === "base64") return { kind: "hex", text: hexDump(payload) };
	const json = truncated ? undefined : prettyJson(payload);
	return json === undefined ? { kind: "text", text: payload } : { kind: "json", text: json };
}

function prettyJson(text: string): string | undefined {
	if (!/^\s*[[{]/.test(text)) return undefined;
	try {
		return JSON.stringify(JSON.parse(text), undefined, 2);
	} catch {
		return undefined;
	}
}

/** Eight bytes a line: that fits into the narrowest sidebar. */
function hexDump(base64: string): string {
	const codes = Array.from(atob(base64), (character) => character.charCodeAt(0));
	const lines: string[] = [];
	for (let at = 0; at < codes.length; at += 8) {
		const part = codes.slice(at, at + 8);
		const hex = part.map((code) => code.toString(16).padStart(2, "0")).join(" ");
		const text = part.map((code) => (code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "·")).join("");
		lines.push(`${hex.padEnd(24)} ${text}`);
	}
	return lines.join("\n");
}
