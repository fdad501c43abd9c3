/** Finds the installed Node-RED, and checks that it goes with this Node and with this package. */

import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, resolve } from "node:path";
import { FlowbrokerError } from "../broker";
import { type PackageFile, packageRoot, readPackageFile } from "./package";
import { reachesMinimum } from "./versions";

/** A Node-RED on this machine. */
export interface NodeRedInstallation {
	readonly folder: string;
	readonly version: string;
	/** The folder of the package `@node-red/nodes`; its folder `core` has the core node files. */
	readonly coreNodesFolder: string;
}

/** Names another folder or package of Node-RED than the one called `node-red`. */
const overrideVariable = "FLOWBROKER_NODE_RED";

/**
 * Looks for Node-RED beside this package, then in the working folder, then in the data folder.
 * @throws FlowbrokerError NODE_RED_MISSING, NODE_RED_UNSUPPORTED
 */
export function findNodeRed(dataFolder: string | undefined): NodeRedInstallation {
	const wanted = process.env[overrideVariable] || "node-red";
	const from = [packageRoot, process.cwd(), ...(dataFolder === undefined ? [] : [dataFolder])];
	const folder = isFolderName(wanted) ? resolve(wanted) : findPackage(wanted, from);
	const found = folder === undefined ? undefined : inspect(folder);
	if (!found) {
		throw new FlowbrokerError(
			"NODE_RED_MISSING",
			wanted === "node-red"
				? 'Node-RED is not installed here. Install it with "npm install node-red" in this folder, then run the command again.'
				: `There is no Node-RED in ${wanted}, which the environment variable ${overrideVariable} names. Correct or remove the variable.`,
		);
	}
	refuseUnsupported(found.description);
	return found.installation;
}

function isFolderName(wanted: string): boolean {
	return isAbsolute(wanted) || wanted.startsWith(".");
}

function findPackage(name: string, from: readonly string[]): string | undefined {
	for (const folder of from) {
		try {
			return dirname(createRequire(resolve(folder, "package.json")).resolve(`${name}/package.json`));
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
		}
	}
	return undefined;
}

interface Found {
	readonly installation: NodeRedInstallation;
	readonly description: PackageFile;
}

function inspect(linkedFolder: string): Found | undefined {
	try {
		const folder = realpathSync(linkedFolder);
		const description = readPackageFile(folder);
		const coreNodes = createRequire(resolve(folder, "package.json")).resolve("@node-red/nodes");
		return { installation: { folder, version: description.version, coreNodesFolder: dirname(coreNodes) }, description };
	} catch {
		return undefined; // whatever is wrong with it, it is no Node-RED that could be started
	}
}

function refuseUnsupported(nodeRed: PackageFile): void {
	const node = nodeRed.engines?.node ?? "";
	if (!reachesMinimum(process.version, node)) {
		throw new FlowbrokerError(
			"NODE_RED_UNSUPPORTED",
			`Node-RED ${nodeRed.version} needs Node.js ${node}, and this is ${process.version}: install a newer Node.js, or an older Node-RED.`,
		);
	}
	const needed = readPackageFile(packageRoot)["node-red"]?.version ?? "";
	if (!reachesMinimum(nodeRed.version, needed)) {
		throw new FlowbrokerError(
			"NODE_RED_UNSUPPORTED",
			`Node-RED ${nodeRed.version} is too old: flowbroker needs Node-RED ${needed}. Update it with "npm install node-red".`,
		);
	}
}
