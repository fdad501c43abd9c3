/** Reads the configuration file of the command: JSON, in which comments are allowed. */

import { readFileSync } from "node:fs";
import { FlowbrokerError } from "../../broker";
import { findJsonError } from "../json-position";
import { withoutComments } from "./json-with-comments";
import { settings } from "./settings";

/** The name that is looked for in the working folder. */
export const configName = "flowbroker.json";

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
	const content = parse(path, text);
	const entries = Object.entries(content).filter(([key]) => key !== "$schema");
	const place = (key: string) => `${path}, line ${lineOf(text, key)}`;
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
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ENOENT" && !required) return undefined;
		const why = code === "ENOENT" ? "there is no such file. Check the name and the folder" : code;
		throw new FlowbrokerError("FILE_UNREADABLE", `The configuration ${path} can't be read: ${why}.`, error);
	}
}

function parse(path: string, text: string): object {
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
	if (typeof content === "object" && content !== null && !Array.isArray(content)) return content;
	throw invalid(`${path} must hold settings between { and }. Make a new one with: flowbroker init`);
}

/** Good enough for a message: the first line on which the key stands. */
function lineOf(text: string, key: string): number {
	const at = withoutComments(text).indexOf(`${JSON.stringify(key)}`);
	return text.slice(0, Math.max(at, 0)).split("\n").length;
}

function invalid(sentence: string, cause?: unknown): FlowbrokerError {
	return new FlowbrokerError("CONFIG_INVALID", sentence, cause);
}
