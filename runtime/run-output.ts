/** What `flowbroker run` prints, with the flow's secrets masked. */

import { basename } from "node:path";
import type { ListenerState } from "../broker";
import { describeListener } from "./brokers";
import type { FlowNode } from "./flows";
import { jsonOfLine, type LogEntry, type LogLevel, type LogLine, logLine, textOfLine } from "./log";
import { reportError } from "./output";
import type { NodeCredentials } from "./secrets/node-red-credentials";
import { Redaction } from "./secrets/redaction";

/** A comment node of this name is shown to whoever starts the flow in a terminal. */
const hintName = "Try this";
const hintLines = 12;

/** The port of MQTT. */
const usualPort = 1883;

/** How the output is written. */
export interface OutputOptions {
	/** `json`: one object a line. */
	readonly format: LogFormat;
	readonly level: LogLevel;
}

export const logFormats = ["text", "json"] as const;
export type LogFormat = (typeof logFormats)[number];

export class RunOutput {
	readonly #names: string;
	readonly #options: OutputOptions;
	readonly #redaction = new Redaction();

	/** @param files the flow files */
	constructor(files: readonly string[], options: OutputOptions) {
		this.#names = files.map((file) => basename(file)).join(", ");
		this.#options = options;
	}

	/** Masks these secrets from now on, beside those of before. */
	hide(credentials: NodeCredentials): void {
		this.#redaction.add(credentials);
	}

	/** Prints an entry of Node-RED's log, if people want to see it. */
	readonly log = (entry: LogEntry): void => {
		const line = logLine(entry, this.#options.level);
		if (line) this.#print(line, textOfLine(line));
	};

	warn(sentence: string): void {
		const line = { level: "warn", message: sentence, problem: true };
		this.#print(line, textOfLine(line));
	}

	/**
	 * Tells that the flow runs, where its brokers listen, and what to try.
	 * @param http address of the HTTP server, where there is one
	 * @returns the line without the rest
	 */
	announce(listeners: readonly ListenerState[], nodes: readonly FlowNode[], http?: string): string {
		const places = [...listeners.map(describeListener), ...(http === undefined ? [] : [`HTTP on ${http}`])];
		const where = places.length === 0 ? "" : ` - ${places.join(", ")}`;
		this.#tell(`${this.#names} is running${where}`, " (Ctrl-C stops it)");
		const hint = nodes.find((node) => node.type === "comment" && node.name === hintName)?.info;
		if (typeof hint === "string" && this.#options.format === "text") {
			const lines = hint.trim().split("\n").slice(0, hintLines);
			process.stdout.write(`${lines.map((line) => withPort(line, listeners)).join("\n")}\n`);
		}
		return `${this.#names} is running${where}`;
	}

	/** Tells that a changed flow runs. */
	reloaded(): void {
		this.#tell(`${this.#names} was read again, and what has changed is running`);
	}

	/** Tells that a flow on trial has worked for long enough. */
	kept(): void {
		this.#tell(`${this.#names} works, and is kept as the last good flow`);
	}

	/** Tells what is wrong with a changed flow, and what that means. */
	refused(error: unknown, consequence: string): void {
		this.failed(error);
		this.#fail(consequence);
	}

	/** Tells what went wrong. @returns the exit code that belongs to it */
	failed(error: unknown): number {
		const details = this.#options.level === "debug" || this.#options.level === "trace";
		const report = reportError(this.#redaction.error(error), details);
		for (const sentence of report.sentences) this.#fail(sentence);
		return report.exit;
	}

	/** Good news. @param aside only for people */
	#tell(sentence: string, aside = ""): void {
		this.#print({ level: "info", message: sentence, problem: false }, `flowbroker: ${sentence}${aside}`);
	}

	#fail(sentence: string): void {
		this.#print({ level: "error", message: sentence, problem: true }, `flowbroker: ${sentence}`);
	}

	#print(line: LogLine, text: string): void {
		const masked = { ...line, message: this.#redaction.text(line.message) };
		const printed = this.#options.format === "json" ? jsonOfLine(masked, new Date()) : this.#redaction.text(text);
		(line.problem ? process.stderr : process.stdout).write(`${printed}\n`);
	}
}

/** A hint calls a client of MQTT: it has to say the port where that is not the one which clients take by themselves. */
function withPort(line: string, listeners: readonly ListenerState[]): string {
	const port = listeners.find(({ kind }) => kind === "tcp")?.port ?? usualPort;
	if (port === usualPort || / -p \d/.test(line)) return line;
	return line.replace(/^((?:mosquitto_|flowbroker )(?:sub|pub|rr)) /, `$1 -p ${port} `);
}
