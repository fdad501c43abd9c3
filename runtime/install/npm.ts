/** Runs npm, which comes with Node. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { FlowbrokerError } from "../../broker";

/**
 * What npm says goes to the error output as it comes.
 * @param folder that npm works in
 * @throws FlowbrokerError INSTALL_FAILED
 */
export async function runNpm(args: readonly string[], folder: string): Promise<void> {
	// Windows starts scripts such as npm only by its shell; the arguments are checked before.
	const onWindows = process.platform === "win32";
	const child = spawn(onWindows ? "npm.cmd" : "npm", args, {
		cwd: folder,
		stdio: ["ignore", process.stderr, process.stderr],
		shell: onWindows,
	});
	let code: unknown;
	try {
		[code] = await once(child, "close");
	} catch (error) {
		const sentence =
			"npm can't be started: it comes with Node.js, in some systems as a package of its own (apt-get install npm).";
		throw new FlowbrokerError("INSTALL_FAILED", sentence, error);
	}
	if (code === 0) return;
	throw new FlowbrokerError("INSTALL_FAILED", `npm ${args[0]} ended with ${code}: see above what it says.`);
}
