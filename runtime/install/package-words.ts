/** Reads the packages that somebody wants to install, as npm understands them. */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { FlowbrokerError } from "../../broker";

/** `name`, `@scope/name`, each with `@version` or `@tag` behind it. */
const registryWord = /^(?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*(?:@[\w.^~<>=*+-]+)?$/i;

/**
 * @returns names for the registry, and absolute paths of folders and archives
 * @throws FlowbrokerError USAGE for what is neither
 */
export function packageWords(words: readonly string[]): string[] {
	return words.map((word) => {
		if (isPath(word)) {
			if (existsSync(word)) return resolve(word);
			throw new FlowbrokerError("USAGE", `${word} is not there: name a folder with a package, or its .tgz file.`);
		}
		if (registryWord.test(word)) return word;
		throw new FlowbrokerError("USAGE", `${word} is no name of a package, such as @flowfuse/node-red-dashboard@1.`);
	});
}

function isPath(word: string): boolean {
	return /^(?:\.{0,2}\/|[A-Za-z]:\\|\.\\)/.test(word) || word === "." || word.endsWith(".tgz");
}
