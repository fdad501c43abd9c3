/** An example flow with some of its inject buttons pressed, for a headless run has nobody who could press them. */

import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

interface Node {
	readonly type: string;
	readonly name?: string;
}

/**
 * @param flow a file below `flows`, without `.json`
 * @param buttons names of inject nodes; they send once at the start
 * @returns the path of a copy in that folder
 */
export function pressed(flow: string, buttons: readonly string[], folder: string): string {
	const nodes = JSON.parse(readFileSync(join(__dirname, "../../flows", `${flow}.json`), "utf8")) as Node[];
	for (const button of buttons) {
		if (!nodes.some(({ type, name }) => type === "inject" && name === button)) throw new Error(`no button "${button}"`);
	}
	const copy = nodes.map((node) =>
		node.type === "inject" && buttons.includes(node.name ?? "") ? { ...node, once: true, onceDelay: 0.1 } : node,
	);
	const file = join(folder, `${basename(flow)}.json`);
	writeFileSync(file, JSON.stringify(copy));
	return file;
}
