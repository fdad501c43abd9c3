/** `flowbroker secrets template`: prints or writes the pattern of a file of secrets. */

import { resolve } from "node:path";
import { FlowbrokerError } from "../../../broker";
import { readNodeForms } from "../../check/node-forms";
import { readFlow } from "../../checked-flow";
import type { Command, CommandCall } from "../../command";
import { secretsTemplate } from "../../secrets/template";
import { writeNewFile } from "../common/new-file";
import { say, sayJson, warn } from "../common/print";

export const secretsTemplateCommand: Command = {
	name: "secrets template",
	summary: "print the pattern of a file of secrets for a flow",
	usage: "FILE... [options]",
	help: `Lists the secrets that the nodes of a flow have, which no export holds, as a JSON file to fill in: by the name
of the node, or by its id where several have the name. Remove what a node does not need. A value may be the name
of an environment variable: "\${HOME_PASSWORD}".`,
	options: {
		output: { value: "FILE", help: "write it to a new file that only you can read" },
		data: { value: "DIR", help: 'the folder of "flowbroker run --data"' },
	},
	examples: ["flowbroker secrets template home.json --output secrets.json"],
	run: printTemplate,
};

async function printTemplate({ files, values }: CommandCall): Promise<void> {
	if (files.length === 0) throw new FlowbrokerError("USAGE", "Name a flow file. See: flowbroker help secrets template");
	if (values.data === "" || values.output === "")
		throw new FlowbrokerError("USAGE", "--data and --output need a value.");
	const flow = await readFlow(files, values.data === undefined ? undefined : resolve(values.data));
	const unread = flow.problems.filter(({ code }) => code !== "NODE_TYPE_UNKNOWN");
	if (unread.length > 0) throw new AggregateError(unread, "The flow can't be read.");
	for (const { message } of flow.problems) warn(`Its secrets are not known: ${message}`);
	const template = secretsTemplate(flow.nodes, readNodeForms(flow.installed.forms));
	if (Object.keys(template).length === 0) warn("The flow needs no secrets, as far as can be told.");
	if (values.output === undefined) return sayJson(template);
	await writeNewFile(resolve(values.output), `${JSON.stringify(template, null, "\t")}\n`, 0o600);
	say(`Wrote ${values.output}. Fill it in, then: flowbroker run ${files.join(" ")} --secrets ${values.output}`);
}
