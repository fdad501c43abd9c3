/** `flowbroker deploy`: runs a flow on other machines. */

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { FlowbrokerError, whyUnreadable } from "../../broker";
import type { Command, CommandCall } from "../command";
import type { DeployedFile } from "../deploy/contract";
import { deployAll, type TargetResult } from "../deploy/deploy-all";
import { readTargets } from "../deploy/targets";
import { readFlowFile } from "../flow-files";
import { mergeFlows } from "../flows";
import { count, formatOption, say, sayJson, sayTable, wantsJson } from "./common/print";

const exits = { fine: 0, failed: 1, refused: 2 } as const;

export const deploy: Command = {
	name: "deploy",
	summary: "run a flow on other machines",
	usage: "FILE... --to URL[,URL...] [options]",
	help: `Sends flow files to runtimes that were started with "flowbroker run --http PORT --allow-deploy". Each of them
checks the flow first; when all find it sound, it takes the place of what they run, and only changed nodes are made
anew. One that fails within the --rollback time of a runtime is taken back there.

A list for --to-file has an address in each line and, if it is another one, behind it the file of its token.

Exit codes: 0 it runs everywhere, 1 it does not run somewhere, 2 there are errors in it.`,
	options: {
		to: { value: "URL", help: "address of a runtime, as in https://pi:1880; several with commas" },
		"to-file": { value: "FILE", help: "list of addresses" },
		"token-file": { value: "FILE", help: "file with the token (default: the variable FLOWBROKER_TOKEN)" },
		ca: { value: "FILE", help: "certificate of the CA that the runtimes' certificates come from" },
		check: { help: "only let the runtimes check it" },
		partial: { help: "deploy to those that can take it, although others can't" },
		unencrypted: { help: "send the token over the network without https" },
		...formatOption,
	},
	examples: [
		"flowbroker deploy home.json --to https://pi:1880 --token-file token --ca certs/ca.pem",
		"flowbroker deploy home.json --to-file houses.txt --token-file token --ca certs/ca.pem",
	],
	refused: {
		token: "A token must not stand on the command line: write it to a file, and name that with --token-file.",
	},
	run: deployFlow,
};

async function deployFlow(call: CommandCall): Promise<number> {
	const { files: paths, values, switches } = call;
	const json = wantsJson(call);
	if (paths.length === 0) throw new FlowbrokerError("USAGE", "Name a flow file. See: flowbroker help deploy");
	const targets = await readTargets({
		to: values.to,
		listFile: values["to-file"],
		tokenFile: values["token-file"],
		environment: process.env,
		unencrypted: switches.has("unencrypted"),
	});
	const files = await readSound(paths);
	const ca = values.ca === undefined ? undefined : await readCa(values.ca);
	const options = { files, ca, checkOnly: switches.has("check"), partial: switches.has("partial") };
	const results = await deployAll(targets, options);
	if (json) sayJson(results);
	else sayResults(results);
	if (results.some(({ result }) => result === "refused")) return exits.refused;
	return results.every(({ result }) => result === "deployed" || result === "fine") ? exits.fine : exits.failed;
}

/** What is damaged is not sent. @throws AggregateError */
async function readSound(paths: readonly string[]): Promise<DeployedFile[]> {
	const files = await Promise.all(paths.map(readFlowFile));
	const problems = [...files.flatMap((file) => file.problems), ...mergeFlows(files).problems];
	if (problems.length > 0) throw new AggregateError(problems, "The flow can't be deployed.");
	return Promise.all(paths.map(async (path) => ({ name: basename(path), text: await readFile(path, "utf8") })));
}

async function readCa(file: string): Promise<string> {
	try {
		return await readFile(file, "utf8");
	} catch (error) {
		throw new FlowbrokerError(
			"FILE_UNREADABLE",
			`The CA's certificate ${file} can't be read: ${whyUnreadable(error)}.`,
			error,
		);
	}
}

function sayResults(results: readonly TargetResult[]): void {
	sayTable(
		["target", "result"],
		results.map(({ url, result }) => [url, result]),
		"",
	);
	for (const { url, details } of results) for (const sentence of details) say(`${url}: ${sentence}`);
	const good = results.filter(({ result }) => result === "deployed" || result === "fine").length;
	say(`${good} of ${count(results.length, "target")}`);
}
