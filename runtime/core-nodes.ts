/** Finds which file registers which node type, so that only the files that a flow needs are loaded. */

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** Folders that Node-RED does not search for nodes either. */
const ignoredFolders = /^(?:\..*|lib|icons|node_modules|test|locales)$/;

/**
 * Searches a folder tree for node files.
 * @param folder for example `@node-red/nodes/core`; one that does not exist holds no nodes
 * @returns node type -> path of the file that registers it
 */
export function findTypesInFolder(folder: string): Map<string, string> {
	const found = new Map<string, string>();
	for (const file of nodeFiles(folder)) {
		for (const type of typesRegisteredIn(readFileSync(file, "utf8"))) found.set(type, file);
	}
	return found;
}

/** The node types that a program text registers with a plain string, which is how nearly every node does it. */
export function typesRegisteredIn(source: string): string[] {
	return [...source.matchAll(/\bregisterType\(\s*(["'])(.+?)\1/g)].map((match) => match[2] ?? "");
}

/**
 * The core files that a flow does not need, as Node-RED's setting `nodesExcludes` wants them: base names.
 * @param core what {@link findTypesInFolder} found in the core folder
 * @param used the types of the flow's nodes
 */
export function unneededCoreFiles(core: ReadonlyMap<string, string>, used: ReadonlySet<string>): string[] {
	const needed = new Set([...used].map((type) => core.get(type)));
	return [...new Set(core.values())].filter((file) => !needed.has(file)).map((file) => basename(file));
}

function nodeFiles(folder: string): string[] {
	return listFolder(folder).flatMap((entry) => {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) return ignoredFolders.test(entry.name) ? [] : nodeFiles(path);
		return /\.c?js$/.test(entry.name) ? [path] : [];
	});
}

function listFolder(folder: string) {
	try {
		return readdirSync(folder, { withFileTypes: true });
	} catch (error) {
		if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
		throw error;
	}
}
