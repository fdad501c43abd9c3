/** What `flowbroker run` prints, with the flow's secrets masked. */

import { basename } from "node:path";
import type { ListenerState } from "../broker";
import { describeListener } from "./brokers";
import type { FlowNode } from "./flows";
import { type LogEntry, logLine } from "./log";
import { reportError } from "./output";
import type { NodeCredentials } from "./secrets/node-red-credentials";
import { Redaction } from "./secrets/redaction";

/** A comment node of this name is shown to whoever starts the flow in a terminal. */
const hintName = "Try this";
const hintLines = 12;

export class RunOutput {
	readonly #names: string;
	readonly #verbose: boolean;
	readonly #redaction = new Redaction();

	/** @param files the flow files */
	constructor(files: readonly string[], verbose: boolean) {
		this.#names = files.map((file) => basename(file)).join(", ");
		this.#verbose = verbose;
	}

	/** Masks these secrets from now on, beside those of before. */
	hide(credentials: NodeCredentials): void {
		this.#redaction.add(credentials);
	}

	/** Prints an entry of Node-RED's log, if people want to see it. */
	readonly log = (entry: LogEntry): void => {
		const line = logLine(entry, this.#verbose);
		if (line) this.#print(line.text, line.problem);
	};

	warn(sentence: string): void {
		this.#print(`warn: ${sentence}`, true);
	}

	/**
	 * Tells that the flow runs, where its brokers listen, and what to try.
	 * @param http address of the HTTP server, where there is one
	 */
	announce(listeners: readonly ListenerState[], nodes: readonly FlowNode[], http?: string): void {
		const places = [...listeners.map(describeListener), ...(http === undefined ? [] : [`HTTP on ${http}`])];
		const where = places.length === 0 ? "" : ` - ${places.join(", ")}`;
		this.#print(`flowbroker: ${this.#names} is running${where} (Ctrl-C stops it)`);
		const hint = nodes.find((node) => node.type === "comment" && node.name === hintName)?.info;
		if (typeof hint === "string") this.#print(hint.trim().split("\n").slice(0, hintLines).join("\n"));
	}

	/** Tells that a changed flow runs. */
	reloaded(): void {
		this.#print(`flowbroker: ${this.#names} was read again, and what has changed is running`);
	}

	/** Tells what is wrong with a changed flow, and what that means. */
	refused(error: unknown, consequence: string): void {
		this.#print(`${reportError(this.redacted(error), this.#verbose).text}\nflowbroker: ${consequence}`, true);
	}

	/** Masks the secrets in an error that is printed elsewhere. @returns the same error */
	redacted(error: unknown): unknown {
		return this.#redaction.error(error);
	}

	#print(text: string, problem = false): void {
		(problem ? process.stderr : process.stdout).write(`${this.#redaction.text(text)}\n`);
	}
}
