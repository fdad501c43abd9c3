/** Reads YAML with the library that Node-RED's own nodes use. */

import { createRequire } from "node:module";
import type { NodeRedInstallation } from "./node-red-installation";

/** The part of js-yaml that is used. */
interface YamlLibrary {
	load(text: string, options: { readonly schema: unknown }): unknown;
	/** What JSON knows too: older versions make programs of a text otherwise. */
	readonly JSON_SCHEMA: unknown;
}

/** A text that is no YAML. The message quotes nothing of it. */
export class YamlMistake extends Error {
	/** From 1, where it is known. */
	readonly line: number | undefined;
	/** Is the mistake that a name stands twice? */
	readonly twice: boolean;

	constructor(cause: unknown) {
		const { mark, reason } = cause as { mark?: { line?: number }; reason?: string };
		super("This is not valid YAML.");
		this.line = mark?.line === undefined ? undefined : mark.line + 1;
		this.twice = reason === "duplicated mapping key";
	}
}

/** @returns undefined when this Node-RED has no such library */
export function findYaml({
	coreNodesFolder,
}: Pick<NodeRedInstallation, "coreNodesFolder">): ((text: string) => unknown) | undefined {
	let library: YamlLibrary;
	try {
		library = createRequire(`${coreNodesFolder}/package.json`)("js-yaml") as YamlLibrary;
	} catch {
		return undefined;
	}
	return (text) => {
		try {
			return library.load(text, { schema: library.JSON_SCHEMA });
		} catch (error) {
			throw new YamlMistake(error);
		}
	};
}
