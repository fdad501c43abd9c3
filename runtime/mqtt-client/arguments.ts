/** Reads the arguments of `flowbroker pub` and `flowbroker sub` as Mosquitto's clients read theirs. */

import { usageError } from "./client-error";
import { type ClientOption, clientOptions, type OptionName } from "./option-table";
import { PropertySet } from "./properties";

/** What the user typed; nothing is checked but the form. */
export interface ClientArguments {
	readonly command: "pub" | "sub";
	readonly switches: ReadonlySet<OptionName>;
	/** The last value of an option counts. */
	readonly values: ReadonlyMap<OptionName, string>;
	readonly lists: ReadonlyMap<OptionName, readonly string[]>;
	readonly properties: PropertySet;
}

/** @throws ClientError */
export function parseClientArguments(command: "pub" | "sub", args: readonly string[]): ClientArguments {
	const switches = new Set<OptionName>();
	const values = new Map<OptionName, string>();
	const lists = new Map<OptionName, string[]>();
	const properties = new PropertySet(command);
	const options = Object.entries(clientOptions) as [OptionName, ClientOption][];
	for (let at = 0; at < args.length; at++) {
		const flag = args[at] ?? "";
		const [name, option] =
			options.find(([, { flags, of }]) => (of === "both" || of === command) && flags.includes(flag)) ?? [];
		if (!name || !option) throw usageError(command, `Unknown option '${flag}'.`);
		if (option.kind === "switch") {
			switches.add(name);
		} else if (option.kind === "property") {
			at += properties.add(args.slice(at + 1));
		} else {
			const value = args[++at];
			if (value === undefined) throw usageError(command, `${flag} argument given but no ${option.noun} specified.`);
			if (option.kind === "list") lists.set(name, [...(lists.get(name) ?? []), value]);
			else values.set(name, value);
		}
	}
	return { command, switches, values, lists, properties };
}
