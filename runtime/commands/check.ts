/** `flowbroker check`: says all that is wrong with flow files, without starting them. */

import { resolve } from "node:path";
import { FlowbrokerError } from "../../broker";
import { checkFiles } from "../check/check-flow";
import type { Finding, Severity } from "../check/finding";
import type { Command, CommandCall } from "../command";
import { refusedSecrets, secretOptions, secretSourcesOf } from "../secrets/sources";
import { count, formatOption, say, sayJson, wantsJson } from "./common/print";

const exits = { fine: 0, warnings: 1, errors: 2 } as const;

export const check: Command = {
	name: "check",
	summary: "find what is wrong with flow files, without starting them",
	usage: "FILE... [options]",
	help: `Reads flow files as "flowbroker run" does, and tells what is wrong with them: damaged files, node types that
are not installed, references and wires to nodes that are not there, topics that no broker accepts, ports used
twice, brokers open to the network, files of users or rules that are broken, secrets that are missing. Nothing
is started and nothing is written.

Exit codes: 0 no errors, 1 warnings and --strict, 2 errors.`,
	options: {
		data: { value: "DIR", help: 'the folder of "flowbroker run --data"' },
		...secretOptions,
		strict: { help: "exit with 1 when there are warnings" },
		...formatOption,
	},
	refused: refusedSecrets,
	examples: ["flowbroker check home.json", "flowbroker check --strict --format json *.json"],
	run: checkFlows,
};

async function checkFlows(call: CommandCall): Promise<number> {
	const { files, values, switches } = call;
	if (files.length === 0) throw new FlowbrokerError("USAGE", "Name a flow file to check. See: flowbroker help check");
	if (values.data === "") throw new FlowbrokerError("USAGE", "--data needs the name of a folder.");
	const json = wantsJson(call);
	const findings = await checkFiles({
		files,
		dataFolder: values.data === undefined ? undefined : resolve(values.data),
		secrets: secretSourcesOf(call, process.env),
		// What "run" sets when nobody else does.
		lookup: (variable) => process.env[variable] ?? (variable === "FLOWBROKER_PORT" ? "1883" : undefined),
	});
	if (json) sayJson(findings);
	else sayFindings(files, findings);
	const has = (severity: Severity) => findings.some((finding) => finding.severity === severity);
	if (has("error")) return exits.errors;
	return has("warning") && switches.has("strict") ? exits.warnings : exits.fine;
}

function sayFindings(files: readonly string[], findings: readonly Finding[]): void {
	for (const { severity, message } of findings) say(`${severity}: ${message}`);
	const number = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
	const counts = (["error", "warning", "note"] as const).filter((severity) => number(severity) > 0);
	const result = counts.map((severity) => count(number(severity), severity)).join(", ");
	say(`${files.join(", ")}: ${result || "nothing is wrong"}`);
}
