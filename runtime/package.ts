/** Where this package is installed and what its package.json says of it. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** The folder of the package's package.json: this file is `dist/runtime/package.js` in it. */
export const packageRoot = resolve(__dirname, "../..");

/** The part of a package.json that the runtime reads. */
export interface PackageFile {
	readonly name: string;
	readonly version: string;
	/** The Node versions that the package supports, for example `>=22.9`. */
	readonly engines?: { readonly node?: string };
	/** @property version the Node-RED versions that the nodes work with; nodes: name of a node set -> file */
	readonly "node-red"?: { readonly version?: string; readonly nodes?: Readonly<Record<string, string>> };
}

/** Reads the package.json of a folder. @throws when there is none, or it is not JSON */
export function readPackageFile(folder: string): PackageFile {
	return JSON.parse(readFileSync(resolve(folder, "package.json"), "utf8")) as PackageFile;
}
