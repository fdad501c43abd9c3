/** Reads the configuration file of the command: YAML, or JSON, in which comments are allowed. */

import { existsSync, readFileSync } from "node:fs";
import { FlowbrokerError, whyUnreadable } from "../../broker";
import { findJsonError } from "../json-position";
import { findNodeRed } from "../node-red-installation";
import { findYaml, YamlMistake } from "../yaml";
import { withoutComments } from "./json-with-comments";
import { settings } from "./settings";

/** The names that are looked for in the working folder. The first is the one of new files. */
export const configNames = ["flowbroker.yaml", "flowbroker.yml", "flowbroker.json"] as const;

/** Of those, the one for JSON. */
export const jsonConfigName = "flowbroker.json" satisfies (typeof configNames)[number];

/** @returns the configuration file of the working folder. @throws FlowbrokerError CONFIG_INVALID when there are two */
export function findConfigFile(): string | undefined {
	const found = configNames.filter((name) => existsSync(name));
	if (found.length <= 1) return found[0];
	throw invalid(
		`There are ${found.join(" and ")} here, and one would be passed over: remove one, or name one with --config.`,
	);
}

/** A setting as the file gives it, not yet checked. */
export interface ConfigEntry {
	readonly value: unknown;
	/** For messages: `flowbroker.json, line 3`. */
	readonly from: string;
}

/** Key -> entry. */
export type ConfigFile = ReadonlyMap<string, ConfigEntry>;

/**
 * @param required false: a file that does not exist says nothing
 * @throws FlowbrokerError FILE_UNREADABLE, or AggregateError with a CONFIG_INVALID for every setting that is unknown
 */
export function readConfigFile(path: string, required: boolean): ConfigFile {
	const text = read(path, required);
	if (text === undefined) return new Map();
	const yaml = isYaml(path);
	const content = yaml ? parseYaml(path, text) : parseJson(path, text);
	const entries = Object.entries(content).filter(([key]) => key !== "$schema");
	const place = (key: string) => `${path}, line ${yaml ? lineOfYaml(text, key) : lineOf(text, key)}`;
	const known = settings.map(({ key }) => key);
	const unknown = entries.filter(([key]) => !known.includes(key));
	if (unknown.length === 0) return new Map(entries.map(([key, value]) => [key, { value, from: place(key) }]));
	const errors = unknown.map(([key]) =>
		invalid(`${place(key)}: there is no setting "${key}". There are: ${known.join(", ")}.`),
	);
	throw new AggregateError(errors, "The configuration has unknown settings.");
}

function read(path: string, required: boolean): string | undefined {
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT" && !required) return undefined;
		const sentence = `The configuration ${path} can't be read: ${whyUnreadable(error)}.`;
		throw new FlowbrokerError("FILE_UNREADABLE", sentence, error);
	}
}

function isYaml(path: string): boolean {
	return /\.ya?ml$/i.test(path);
}

function parseYaml(path: string, text: string): object {
	const load = findYaml(findNodeRed(undefined));
	if (!load)
		throw invalid(`${path}: this Node-RED can't read YAML. Write the settings as JSON: flowbroker init --json`);
	try {
		// A file in which all lines are comments says nothing.
		return asSettings(path, load(text) ?? {});
	} catch (error) {
		if (!(error instanceof YamlMistake)) throw error;
		const where = error.line === undefined ? "" : `, line ${error.line}`;
		const sentence = error.twice
			? "a setting stands there for the second time. Remove one of the two."
			: "this is not valid YAML. Settings stand below each other as name: value, with no blanks before the name.";
		throw invalid(`${path}${where}: ${sentence}`);
	}
}

function parseJson(path: string, text: string): object {
	const json = withoutComments(text);
	let content: unknown;
	try {
		content = JSON.parse(json);
	} catch (error) {
		const place = findJsonError(json);
		const where = place ? `, line ${place.line}, column ${place.column}` : "";
		throw invalid(
			`${path}${where}: this is not valid JSON. Look for a comma or a quotation mark too many or too few.`,
			error,
		);
	}
	return asSettings(path, content);
}

function asSettings(path: string, content: unknown): object {
	if (typeof content === "object" && content !== null && !Array.isArray(content)) return content;
	const form = isYaml(path) ? "as name: value, one in each line" : "between { and }";
	throw invalid(`${path} must hold settings ${form}. Make a new one with: flowbroker init`);
}

/** Good enough for a message: the first line on which the key stands. */
function lineOf(text: string, key: string): number {
	const at = withoutComments(text).indexOf(`${JSON.stringify(key)}`);
	return text.slice(0, Math.max(at, 0)).split("\n").length;
}

function lineOfYaml(text: string, key: string): number {
	return (
		text.split("\n").findIndex((line) => new RegExp(`^["']?${key.replace(/\W/g, "\\$&")}["']?\\s*:`).test(line)) + 1
	);
}

function invalid(sentence: string, cause?: unknown): FlowbrokerError {
	return new FlowbrokerError("CONFIG_INVALID", sentence, cause);
}
