/** Finds the value of every setting: an option of the call, the environment, the configuration file, the default. */

import { delimiter, dirname, isAbsolute, join } from "node:path";
import { FlowbrokerError } from "../../broker";
import type { CommandCall, CommandOption } from "../command";
import { type ConfigEntry, type ConfigFile, configNames, findConfigFile, readConfigFile } from "./config-file";
import { type Setting, settings } from "./settings";

/** Every command with settings has it. */
export const configOption = {
	config: { value: "FILE", help: `configuration file (default: ${configNames[0]} in this folder, if there is one)` },
} as const satisfies Record<string, CommandOption>;

/** The environment variable for the same. */
const configVariable = "FLOWBROKER_CONFIG";

/** A setting with its value. */
export interface ResolvedSetting {
	readonly setting: Setting;
	/** `undefined`: nobody says anything, and there is no default. A list only for `paths`. */
	readonly value: string | readonly string[] | undefined;
	/** `--port`, `FLOWBROKER_PORT`, `flowbroker.yaml, line 3`, or `default`. */
	readonly from: string;
}

/** What holds for a call. */
export interface Resolved {
	readonly settings: readonly ResolvedSetting[];
	/** The call as if everything had been said on the command line. */
	readonly call: CommandCall;
}

/** @throws FlowbrokerError or AggregateError: USAGE for the call and the environment, else CONFIG_INVALID */
export function resolveSettings(call: CommandCall, environment: NodeJS.ProcessEnv): Resolved {
	const file = configFileOf(call, environment);
	const config = file === undefined ? new Map<string, ConfigEntry>() : readConfigFile(file, true);
	const folder = file === undefined ? "" : dirname(file);
	const errors: unknown[] = [];
	const resolved = settings.map((setting): ResolvedSetting => {
		try {
			return resolveOne(setting, call, environment, config, folder);
		} catch (error) {
			errors.push(error);
			return { setting, value: undefined, from: "" };
		}
	});
	if (errors.length === 1) throw errors[0];
	if (errors.length > 1) throw new AggregateError(errors, "Some settings are wrong.");
	return { settings: resolved, call: asCall(call, resolved) };
}

/** @returns undefined where none is named and none lies in this folder. @throws FlowbrokerError USAGE or CONFIG_INVALID */
export function configFileOf({ values }: CommandCall, environment: NodeJS.ProcessEnv): string | undefined {
	const named = values.config ?? (environment[configVariable] || undefined);
	if (named === "") throw new FlowbrokerError("USAGE", "--config needs the name of a file.");
	return named ?? findConfigFile();
}

function resolveOne(
	setting: Setting,
	call: CommandCall,
	environment: NodeJS.ProcessEnv,
	config: ConfigFile,
	folder: string,
): ResolvedSetting {
	const said = fromCall(setting, call);
	if (said) return { setting, ...said };
	const variable = environment[setting.variable];
	// An empty variable counts as one that is not set.
	if (variable) return { setting, value: fromEnvironment(setting, variable), from: setting.variable };
	const entry = config.get(setting.key);
	if (entry) return { setting, value: fromConfig(setting, entry, folder), from: entry.from };
	return { setting, value: setting.otherwise, from: "default" };
}

function fromCall({ key, option, kind }: Setting, { files, values, switches }: CommandCall) {
	if (option === undefined) return files.length > 0 ? { value: files, from: "the command line" } : undefined;
	if (key === "logLevel" && switches.has("verbose")) return { value: "trace", from: "--verbose" };
	if (kind === "flag") return switches.has(option) ? { value: "true", from: `--${option}` } : undefined;
	const value = values[option];
	if (value === undefined) return undefined;
	refuseWrong(value, kind, (what) => new FlowbrokerError("USAGE", `--${option} ${what}`));
	return { value, from: `--${option}` };
}

function fromEnvironment({ kind, variable }: Setting, text: string): string | readonly string[] {
	const wrong = (what: string) =>
		new FlowbrokerError("USAGE", `The environment variable ${variable} is wrong: ${what}`);
	if (kind === "paths") return text.split(delimiter).filter((path) => path !== "");
	if (kind === "flag") {
		if (/^(?:1|true|yes|on)$/i.test(text)) return "true";
		if (/^(?:0|false|no|off)$/i.test(text)) return "false";
		throw wrong(`${text} is neither true nor false.`);
	}
	refuseWrong(text, kind, wrong);
	return text;
}

/** Paths in the file start from its folder, whoever runs the command from wherever. */
function fromConfig({ key, kind }: Setting, { value, from }: ConfigEntry, folder: string): string | readonly string[] {
	const wrong = (what: string) =>
		new FlowbrokerError("CONFIG_INVALID", `${from}: the setting "${key}" is wrong: ${what}`);
	const inFolder = (path: string) => (isAbsolute(path) ? path : join(folder, path));
	if (kind === "paths") {
		const list = typeof value === "string" ? [value] : value;
		if (Array.isArray(list) && list.length > 0 && list.every((path) => typeof path === "string" && path !== "")) {
			return list.map(inFolder);
		}
		throw wrong('it must be a list of file names, such as ["flow.json"].');
	}
	if (kind === "flag") {
		if (typeof value === "boolean") return String(value);
		throw wrong("it must be true or false, without quotation marks.");
	}
	if (typeof value !== "string" && !(isNumber(kind) && typeof value === "number")) {
		throw wrong(isNumber(kind) ? "it must be a number." : "it must be a text in quotation marks.");
	}
	refuseWrong(String(value), kind, wrong);
	return kind === "path" ? inFolder(String(value)) : String(value);
}

function refuseWrong(text: string, kind: Setting["kind"], wrong: (what: string) => FlowbrokerError): void {
	if (kind === "port" && !(/^\d{1,5}$/.test(text) && Number(text) <= 65_535)) {
		throw wrong(`${text} is no port: give a number from 1 to 65535, or 0 for any free port.`);
	}
	if (kind === "number" && !/^[1-9]\d{0,5}$/.test(text)) {
		throw wrong(`${text} is not a whole number from 1 to 999999.`);
	}
	if (kind === "path" && text === "") throw wrong("needs the name of a file or folder.");
	if (kind === "text" && text === "") throw wrong("needs a value.");
	if (Array.isArray(kind) && !kind.includes(text)) throw wrong(`${text} is not known: say ${kind.join(" or ")}.`);
}

function isNumber(kind: Setting["kind"]): boolean {
	return kind === "port" || kind === "number";
}

function asCall(call: CommandCall, resolved: readonly ResolvedSetting[]): CommandCall {
	const values: Record<string, string | undefined> = { ...call.values };
	const switches = new Set(call.switches);
	let { files } = call;
	for (const { setting, value } of resolved) {
		const { option, kind } = setting;
		if (option === undefined) files = Array.isArray(value) ? value : [];
		else if (kind === "flag") value === "true" ? switches.add(option) : switches.delete(option);
		else values[option] = typeof value === "string" ? value : undefined;
	}
	return { files, values, switches };
}
