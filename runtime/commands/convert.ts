/** `flowbroker convert`: makes flowbroker's nodes of Node-RED's own MQTT nodes in a flow file. */

import { existsSync } from "node:fs";
import { FlowbrokerError } from "../../broker";
import type { Conversion, Remark } from "../../migrate";
import type { Command, CommandCall } from "../command";
import { readFlowFile } from "../flow-files";
import { openNodeRedCredentials } from "../secrets/node-red-credentials";
import { refusedSecrets, secretOptions } from "../secrets/sources";
import { fileExists, writeNewFile } from "./common/new-file";
import { count, say, warn } from "./common/print";
import { oneWord, usage } from "./common/words";

const { credentials, "credential-secret": credentialSecret } = secretOptions;

export const convert: Command = {
	name: "convert",
	summary: "make flowbroker's nodes of Node-RED's own MQTT nodes",
	usage: "FILE [options]",
	help: `Converts the nodes "mqtt in", "mqtt out" and "mqtt-broker" of a flow file, and "aedes broker" of
node-red-contrib-aedes. Ids, wires, positions, groups, subflows and names stay; all other nodes stay as they are. Each
node that can't be converted is told, and each that does something else afterwards. The file itself is not changed.

Passwords are kept by the id of the node: a flows_cred.json goes on working with the new flow, except for brokers
that other nodes need too, of which there is a copy then. With --credentials such copies get theirs.`,
	options: {
		output: { value: "FILE", short: "o", help: "write the flow to a new file (default: to the standard output)" },
		credentials,
		"credential-secret": credentialSecret,
		"credentials-output": {
			value: "FILE",
			help: "where the credentials of the new flow go (default: beside --output, as Node-RED names it)",
		},
	},
	refused: refusedSecrets,
	examples: [
		"flowbroker convert flows.json -o new.json",
		"flowbroker convert flows.json -o new.json --credentials flows_cred.json",
	],
	run: convertFile,
};

async function convertFile(call: CommandCall): Promise<void> {
	const file = oneWord(call, "convert", "the flow file");
	const { output, credentials: credentialsFile } = call.values;
	const sealedTo = call.values["credentials-output"] ?? (output && credentialsNameOf(output));
	if (credentialsFile && !sealedTo) {
		throw usage("Say where the credentials go: --output FILE, or --credentials-output FILE.", "convert");
	}
	// Only here: no other command needs it.
	const { convertFlow, copyCredentials } = await import("../../migrate/index.js");
	const { nodes, problems } = await readFlowFile(file);
	if (problems.length > 0) throw new AggregateError(problems, `${file} can't be read.`);
	const opened = credentialsFile
		? await openNodeRedCredentials(credentialsFile, call.values["credential-secret"], process.env)
		: undefined;
	const conversion = convertFlow(nodes, {
		...(opened && { credentialsOf: (id: string) => opened.credentials[id] ?? {} }),
	});
	for (const remark of conversion.remarks) warn(lineOf(remark));
	if (conversion.converted.length === 0) {
		const sentence = `There is no node in ${file} that can be converted. Nothing was written.`;
		throw new FlowbrokerError("NOTHING_TO_CONVERT", sentence);
	}
	const taken = [output, opened && sealedTo].find((path) => path && existsSync(path));
	if (taken) throw fileExists(taken);
	if (opened && sealedTo) {
		await writeNewFile(sealedTo, `${opened.seal(copyCredentials(opened.credentials, conversion.copies))}\n`, 0o600);
	}
	if (!output) {
		process.stdout.write(textOf(conversion));
		return;
	}
	await writeNewFile(output, textOf(conversion));
	tell(call, conversion, opened && sealedTo ? `${output}, with the credentials in ${sealedTo}` : output);
}

function tell({ values }: CommandCall, { converted, copies }: Conversion, written: string): void {
	say(`Converted ${count(converted.length, "node")} into ${written}.`);
	if (copies.size > 0 && !values.credentials) {
		const which = [...copies].map(([from, to]) => `${from} (its copy is ${to})`).join(", ");
		say(`If there are passwords of ${which}, convert once more with --credentials flows_cred.json.`);
	}
}

/** As Node-RED names the credentials of a flow file. */
function credentialsNameOf(output: string): string {
	return output.replace(/(\.json)?$/i, (end) => `_cred${end || ".json"}`);
}

function textOf({ nodes }: Conversion): string {
	return `${JSON.stringify(nodes, null, 4)}\n`;
}

function lineOf({ node, type, name, kind, text }: Remark): string {
	const who = `${type}${name === "" ? "" : ` "${name}"`} (${node})`;
	return `${who}: ${kind === "kept" ? "not converted" : "note"}: ${text}`;
}
