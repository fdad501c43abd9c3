/** Puts together which node types can be loaded: Node-RED's own, this package's, and those of other packages. */

import { join } from "node:path";
import { findTypesInFolder } from "./core-nodes";
import { findNodePackages, formOf, modulesFoldersAbove } from "./node-packages";
import type { NodeRedInstallation } from "./node-red-installation";
import { type PackageFile, readPackageFile } from "./package";

/** What is installed, as far as a search of the files can tell. */
export interface InstalledNodes {
	/** Core type -> path of its file. */
	readonly core: ReadonlyMap<string, string>;
	readonly types: ReadonlySet<string>;
	/** The names of the packages with nodes. */
	readonly packages: ReadonlySet<string>;
	/** The html files of all nodes; one need not exist. */
	readonly forms: readonly string[];
	/** `false`: some package may have more types than were found, so a type that is not here is not surely unknown. */
	readonly complete: boolean;
}

/**
 * Searches the folders that Node-RED will load nodes from.
 * @param packageRoot the folder of this package
 * @param dataFolder the user directory, if there is one
 */
export function findInstalledNodes(
	nodeRed: NodeRedInstallation,
	packageRoot: string,
	dataFolder: string | undefined,
): InstalledNodes {
	const core = findTypesInFolder(join(nodeRed.coreNodesFolder, "core"));
	const loose = dataFolder === undefined ? new Map<string, string>() : findTypesInFolder(join(dataFolder, "nodes"));
	const folders = modulesFoldersAbove(nodeRed.coreNodesFolder);
	if (dataFolder !== undefined) folders.unshift(join(dataFolder, "node_modules"));
	const own = readPackageFile(packageRoot);
	const packages = folders.flatMap((folder) => findNodePackages(folder)).filter(({ name }) => name !== own.name);
	const files = [...core.values(), ...loose.values(), ...ownFiles(own, packageRoot)];
	return {
		core,
		types: new Set([...core.keys(), ...loose.keys(), ...typesOf(own), ...packages.flatMap((found) => found.types)]),
		packages: new Set([own.name, ...packages.map((found) => found.name)]),
		forms: [...new Set([...files.map(formOf), ...packages.flatMap((found) => found.forms)])],
		complete: !packages.some((found) => found.mayHaveMoreTypes),
	};
}

/** This package names its node sets as their types. */
function typesOf(own: PackageFile): string[] {
	return Object.keys(own["node-red"]?.nodes ?? {});
}

function ownFiles(own: PackageFile, folder: string): string[] {
	return Object.values(own["node-red"]?.nodes ?? {}).map((file) => join(folder, file));
}
