/** Turns Node-RED's log entries into lines for the terminal, and picks those that people want to see. */

import { inspect } from "node:util";

/** What Node-RED hands to a log handler. */
export interface LogEntry {
	/** See {@link levels}: smaller is more serious. */
	readonly level: number;
	readonly msg: unknown;
	/** Only entries of nodes have these. */
	readonly type?: string;
	readonly id?: string;
	readonly name?: string;
}

/** A line for the terminal. */
export interface LogLine {
	readonly text: string;
	/** Problems go to the error output. */
	readonly problem: boolean;
}

const levels = new Map([
	[10, "fatal"],
	[20, "error"],
	[30, "warn"],
	[40, "info"],
	[50, "debug"],
	[60, "trace"],
]);

const warn = 30;
const info = 40;

/** @returns `undefined` for an entry that is hidden unless the user asks for everything */
export function logLine(entry: LogEntry, verbose: boolean): LogLine | undefined {
	const isDebugNode = entry.type === "debug" && entry.level === info;
	const problem = entry.level <= warn;
	if (!problem && !isDebugNode && !verbose) return undefined;
	const origin = entry.type === undefined ? "" : `[${entry.type}:${nameOf(entry)}] `;
	const message = messageOf(entry.msg, verbose);
	// What a Debug node shows may be an object over several lines; everything else is one line for every entry.
	const body = isDebugNode || verbose ? message.trim() : message.trim().replace(/\s*[\r\n]+\s*/g, " | ");
	const level = isDebugNode ? "debug" : (levels.get(entry.level) ?? "info");
	return { text: `${level}: ${origin}${withoutControls(body)}`, problem };
}

function nameOf(entry: LogEntry): string {
	return entry.name && entry.id ? `${entry.name} (${entry.id})` : (entry.name ?? entry.id ?? "");
}

function messageOf(message: unknown, verbose: boolean): string {
	if (message instanceof Error) return verbose ? (message.stack ?? message.message) : String(message);
	if (typeof message !== "object" || message === null) return String(message);
	const inner = (message as { message?: unknown }).message;
	return typeof inner === "string" ? inner : inspect(message);
}

/** Text from outside must not move the cursor or recolour the terminal. */
function withoutControls(text: string): string {
	return text.replace(/\p{Cc}/gu, (character) => {
		if (character === "\n" || character === "\t") return character;
		return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
	});
}
