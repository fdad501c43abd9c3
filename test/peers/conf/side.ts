/** One broker with a mosquitto.conf: Mosquitto itself, or `flowbroker run` with what `flowbroker import` made of the file. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram, type PeerProgram, run, start } from "../../helpers/peer-program";

const cli = join(__dirname, "../../../dist/runtime/cli.js");

export interface Side {
	/** Name of a listener in the file -> its port. */
	readonly ports: Readonly<Record<string, number>>;
	restart(): Promise<void>;
	stop(): Promise<void>;
}

export async function startTheirs(folder: string, conf: string, ports: Side["ports"]): Promise<Side> {
	const file = join(folder, "theirs.conf");
	// In addition, so that one can see when it runs.
	writeFileSync(file, `${conf}\nlog_dest stderr\nlog_type information\n`);
	// Debian's file has no port in it: on the command line it is for this machine only, too.
	const args = ports.default === undefined ? ["-c", file] : ["-c", file, "-p", String(ports.default)];
	return running(ports, async () => {
		const mosquitto = start(findProgram("mosquitto"), args);
		await mosquitto.line((line) => line.endsWith(" running"));
		return mosquitto;
	});
}

export interface Imported extends Side {
	/** What the import told, line by line, without the path of the file. */
	readonly told: readonly string[];
}

export async function startOurs(folder: string, conf: string, ports: Side["ports"]): Promise<Imported> {
	const file = join(folder, "ours.conf");
	const home = join(folder, "ours");
	mkdirSync(home);
	writeFileSync(file, conf);
	const flow = join(home, "flow.json");
	const { code, stderr } = await run(process.execPath, [cli, "import", file, "-o", flow]);
	if (code !== 0) throw new Error(stderr);
	if (ports.default !== undefined) {
		const text = readFileSync(flow, "utf8");
		writeFileSync(flow, text.replace('"port": 1883', `"port": ${ports.default}`));
	}
	const settings = ["--config", join(home, "flowbroker.json"), "--log-level", "info"];
	const side = await running(ports, async () => {
		const program = start(process.execPath, [cli, "run", ...settings]);
		await program.line((line) => line.includes("is running"));
		return program;
	});
	const told = stderr.split("\n").filter((line) => line !== "");
	return { ...side, told: told.map((line) => line.replaceAll(`${folder}/`, "")) };
}

async function running(ports: Side["ports"], begin: () => Promise<PeerProgram>): Promise<Side> {
	let program = await begin();
	return {
		ports,
		restart: async () => {
			await program.kill();
			program = await begin();
		},
		stop: async () => {
			await program.kill();
		},
	};
}
