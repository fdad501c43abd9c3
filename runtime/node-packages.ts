/** Finds the installed npm packages with Node-RED nodes, in the folders where Node-RED looks for them too. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { typesRegisteredIn } from "./core-nodes";
import { type PackageFile, readPackageFile } from "./package";

/** A package with nodes. */
export interface NodePackage {
	readonly name: string;
	readonly types: readonly string[];
	/** The html files of its nodes; one need not exist. */
	readonly forms: readonly string[];
	/**
	 * Some file names its types in a way that a search of the text does not find: then only Node-RED itself knows
	 * them, once it has loaded the package.
	 */
	readonly mayHaveMoreTypes: boolean;
}

/** The `node_modules` folders from a folder up to the root: Node-RED searches those above its core nodes. */
export function modulesFoldersAbove(folder: string): string[] {
	const parent = dirname(folder);
	return [join(folder, "node_modules"), ...(parent === folder ? [] : modulesFoldersAbove(parent))];
}

/** The packages with nodes in a `node_modules` folder, scoped ones included. */
export function findNodePackages(modulesFolder: string): NodePackage[] {
	return list(modulesFolder).flatMap((name) => {
		const path = join(modulesFolder, name);
		if (name.startsWith("@")) return findNodePackages(path);
		const found = readNodePackage(path);
		return found ? [found] : [];
	});
}

/** @returns `undefined` for a folder that is no package with nodes */
function readNodePackage(folder: string): NodePackage | undefined {
	const description = describe(folder);
	const sets = Object.values(description?.["node-red"]?.nodes ?? {});
	if (!description || sets.length === 0) return undefined;
	const types = sets.map((file) => typesOfSet(join(folder, file)));
	return {
		name: description.name,
		types: types.flat(),
		forms: sets.map((file) => formOf(join(folder, file))),
		mayHaveMoreTypes: types.some((found) => found.length === 0),
	};
}

/** A damaged package.json counts as none: Node-RED passes over such a package too. */
function describe(folder: string): PackageFile | undefined {
	if (!existsSync(join(folder, "package.json"))) return undefined;
	try {
		return readPackageFile(folder);
	} catch {
		return undefined;
	}
}

/** Both halves are searched: compiled programs often register by a constant, while the form has the literal name. */
function typesOfSet(file: string): string[] {
	const program = read(file);
	const form = read(formOf(file));
	const templates = [...form.matchAll(/data-template-name\s*=\s*["']([^"']+)["']/g)].map((match) => match[1] ?? "");
	return [...new Set([...typesRegisteredIn(program), ...typesRegisteredIn(form), ...templates])];
}

/** The html file that Node-RED takes for a node file. */
export function formOf(file: string): string {
	return file.replace(/\.c?js$/, ".html");
}

function read(file: string): string {
	return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function list(folder: string): string[] {
	return existsSync(folder) ? readdirSync(folder) : [];
}
