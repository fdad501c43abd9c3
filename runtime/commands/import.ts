/** `flowbroker import`: makes a flow file, and what belongs to it, of a mosquitto.conf. */

import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ConfImport, LineRemark } from "../../migrate";
import type { Command, CommandCall } from "../command";
import { jsonConfigName } from "../config/config-file";
import { firstJson } from "../config/first-config";
import { fileExists, writeNewFile } from "./common/new-file";
import { count, say, warn } from "./common/print";
import { oneWord, usage } from "./common/words";
import { readConfFiles } from "./import/read-conf";

export const importConf: Command = {
	name: "import",
	summary: "make a flow of a mosquitto.conf",
	usage: "MOSQUITTO.CONF --output FILE",
	help: `Writes a flow with a broker that does what Mosquitto does with the file, and with its bridges, and beside it
${jsonConfigName} with the settings of "flowbroker run". Password file and ACL file are used as they are. Passwords of bridges
go into a file of their own that only you can read. Files that are included are read too.

Each line that has no counterpart is told with its number, and each that is not quite the same afterwards. A listener
that could only be opened for more than the file says is not opened at all. No file is ever overwritten.`,
	options: {
		output: { value: "FILE", short: "o", help: "the flow file" },
		"secrets-output": { value: "FILE", help: "passwords of bridges (default: secrets.json beside --output)" },
	},
	examples: ["flowbroker import /etc/mosquitto/mosquitto.conf -o flow.json"],
	run: importFile,
};

async function importFile(call: CommandCall): Promise<void> {
	const file = oneWord(call, "import", "the mosquitto.conf");
	const { output } = call.values;
	if (!output) throw usage("Say where the flow goes: --output FILE.", "import");
	const { lines, missing } = await readConfFiles(file);
	// Only here: no other command needs it.
	const { importConf: convert } = await import("../../migrate/index.js");
	const result = convert(lines);
	for (const [line, reason] of missing) {
		tellRemark({ ...line, text: `${line.name} ${line.value}`, kind: "left out", reason });
	}
	for (const remark of result.remarks) tellRemark(remark);
	const files = filesOf(result, output, call.values["secrets-output"]);
	const taken = files.find(({ path }) => existsSync(path));
	if (taken) throw fileExists(taken.path);
	for (const { path, content, mode } of files) await writeNewFile(path, content, mode);
	const left = result.remarks.length + missing.size;
	say(
		`Wrote ${files.map(({ path }) => path).join(", ")}. ${left === 0 ? "Nothing was left out." : `${count(left, "remark")} above.`}`,
	);
	const folder = dirname(output);
	say(`Run it with: ${folder === "." ? "" : `cd ${folder} && `}flowbroker run`);
}

interface NewFile {
	readonly path: string;
	readonly content: string;
	readonly mode: number;
}

function filesOf({ nodes, secrets, config, durable }: ConfImport, output: string, secretsOutput?: string): NewFile[] {
	const folder = dirname(output);
	const hasSecrets = Object.keys(secrets).length > 0;
	const secretsPath = secretsOutput ?? join(folder, "secrets.json");
	const settings = {
		flows: [basename(output)],
		...(durable && { data: "data" }),
		...(hasSecrets && { secrets: secretsOutput ?? "secrets.json" }),
		...config,
	};
	return [
		{ path: output, content: `${JSON.stringify(nodes, null, 4)}\n`, mode: 0o644 },
		{ path: join(folder, jsonConfigName), content: firstJson(settings), mode: 0o644 },
		...(hasSecrets ? [{ path: secretsPath, content: `${JSON.stringify(secrets, null, "\t")}\n`, mode: 0o600 }] : []),
	];
}

function tellRemark({ file, line, text, kind, reason }: LineRemark): void {
	warn(`${file}:${line}: ${kind}: ${text}: ${reason}.`);
}
