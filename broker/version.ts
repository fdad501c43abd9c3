/** The version of this package. */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Reads it from the nearest package.json above this file, which stands in another place once it is compiled. */
export function packageVersion(): string {
	const file = nearest(__dirname);
	const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
	return version;
}

/** In the topmost folder it is looked for no further: reading it then says what is missing. */
function nearest(folder: string): string {
	const file = join(folder, "package.json");
	const above = dirname(folder);
	return above === folder || existsSync(file) ? file : nearest(above);
}
