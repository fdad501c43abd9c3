/** The real Mosquitto as a child of a test. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../helpers/free-port";
import { findProgram, start } from "../../helpers/peer-program";

export interface RunningServer {
	readonly port: number;
	stop(): Promise<void>;
}

/**
 * @param folder for its configuration
 * @param settings lines of mosquitto.conf, beside the listener
 * @param again the port of one that was stopped
 */
export async function startMosquitto(
	folder: string,
	settings: readonly string[],
	again?: number,
): Promise<RunningServer> {
	// Mosquitto can't choose a port itself.
	const port = again ?? (await freePort());
	const file = join(folder, `mosquitto-${port}.conf`);
	// `user` only counts for root, who would become a user that may not read the folder.
	writeFileSync(file, [`listener ${port} 127.0.0.1`, "user root", ...settings, ""].join("\n"));
	const mosquitto = start(findProgram("mosquitto"), ["-c", file, "-v"]);
	await mosquitto.line((line) => line.endsWith(" running"));
	return {
		port,
		stop: async () => {
			await mosquitto.kill();
		},
	};
}
