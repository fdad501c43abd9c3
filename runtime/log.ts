/** Turns Node-RED's log entries into lines for the terminal, and picks those that people want to see. */

import { inspect } from "node:util";

/** What Node-RED hands to a log handler. */
export interface LogEntry {
	/** From 10, fatal, to 60, trace: smaller is more serious. */
	readonly level: number;
	readonly msg: unknown;
	/** Only entries of nodes have these. */
	readonly type?: string;
	readonly id?: string;
	readonly name?: string;
}

/** A line for the terminal. */
export interface LogLine {
	readonly level: string;
	/** Which node it comes from, where it comes from one. */
	readonly origin?: { readonly type: string; readonly id?: string | undefined; readonly name?: string | undefined };
	readonly message: string;
	/** Problems go to the error output. */
	readonly problem: boolean;
}

/** How much is shown: each shows what the one before shows too. `warn` has the Debug nodes. */
export const logLevels = ["error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof logLevels)[number];

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

/** @returns `undefined` for an entry that this level hides */
export function logLine(entry: LogEntry, shown: LogLevel): LogLine | undefined {
	const isDebugNode = entry.type === "debug" && entry.level === info;
	const level = isDebugNode ? "debug" : (levels.get(entry.level) ?? "info");
	// A Debug node is there to be seen.
	if ((isDebugNode ? warn : entry.level) > numberOf(shown)) return undefined;
	const details = shown === "debug" || shown === "trace";
	const text = messageOf(entry.msg, details).trim();
	// What a Debug node shows may be an object over several lines; everything else is one line for every entry.
	const message = isDebugNode || details ? text : text.replace(/\s*[\r\n]+\s*/g, " | ");
	const problem = entry.level <= warn;
	if (entry.type === undefined) return { level, message, problem };
	return { level, origin: { type: entry.type, id: entry.id, name: entry.name }, message, problem };
}

/** For example `warn: [function:calc (f1)] careful`. */
export function textOfLine({ level, origin, message }: LogLine): string {
	const from = origin ? `[${origin.type}:${nameOf(origin)}] ` : "";
	return `${level}: ${from}${withoutControls(message)}`;
}

/** One JSON object with the time, for programs that collect logs. */
export function jsonOfLine({ level, origin, message }: LogLine, time: Date): string {
	return JSON.stringify({ time: time.toISOString(), level, ...(origin && { node: origin }), message });
}

function numberOf(level: LogLevel): number {
	return [...levels].find(([, name]) => name === level)?.[0] ?? warn;
}

function nameOf(entry: { readonly id?: string | undefined; readonly name?: string | undefined }): string {
	return entry.name && entry.id ? `${entry.name} (${entry.id})` : (entry.name ?? entry.id ?? "");
}

function messageOf(message: unknown, details: boolean): string {
	if (message instanceof Error) return details ? (message.stack ?? message.message) : String(message);
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
