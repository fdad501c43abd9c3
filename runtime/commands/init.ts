/** `flowbroker init`: writes a first flow and a commented configuration. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { FlowbrokerError } from "../../broker";
import type { Command, CommandCall } from "../command";
import { configNames, jsonConfigName } from "../config/config-file";
import { firstJson, firstYaml } from "../config/first-config";
import { packageRoot } from "../package";
import { fileExists, writeNewFile } from "./common/new-file";
import { makeFolder } from "./common/own-folder";
import { say } from "./common/print";

/** The example that becomes the first flow. */
const example = "demo-home.json";

/** Where examples are: in the package, and in a clone of the project. */
const exampleFolders = ["examples", "flows"];

const flowName = "flow.json";

export const init: Command = {
	name: "init",
	summary: "write a first flow and its settings",
	usage: "[DIR] [options]",
	help: `Writes ${flowName}, a small home with its own broker, and ${configNames[0]}, in which every setting is explained, into
a folder (default: this one). Files that are there already are never overwritten.`,
	options: {
		data: { value: "DIR", help: "data folder that the settings name (default: data, beside the flow)" },
		json: { help: "write the settings as JSON with comments in place of YAML" },
	},
	examples: ["flowbroker init home", "sudo flowbroker init /etc/flowbroker --data /var/lib/flowbroker"],
	run: initialise,
};

async function initialise({ files, values, switches }: CommandCall): Promise<void> {
	if (files.length > 1) throw new FlowbrokerError("USAGE", "Name one folder. See: flowbroker help init");
	const folder = files[0] ?? ".";
	const flow = await readFile(examplePath(), "utf8");
	// A service reads it as another user; what is secret has files of its own.
	await makeFolder(folder, 0o755);
	const chosen = { flows: [flowName], data: values.data ?? "data" };
	const config = switches.has("json")
		? { name: jsonConfigName, content: firstJson(chosen) }
		: { name: configNames[0], content: firstYaml(chosen) };
	const made = [
		{ path: join(folder, flowName), content: flow },
		{ path: join(folder, config.name), content: config.content },
	];
	const there = [flowName, ...configNames].map((name) => join(folder, name)).find((path) => existsSync(path));
	if (there !== undefined) throw fileExists(there);
	for (const { path, content } of made) await writeNewFile(path, content);
	const enter = relative(".", folder);
	say(`Wrote ${made.map(({ path }) => path).join(" and ")}.`);
	say("");
	say("What to do next:");
	if (enter !== "") say(`  cd ${enter}`);
	say("  flowbroker run                      starts it");
	say("  flowbroker sub -v -t 'home/#'       shows what happens in it, in a second terminal");
	say(`Open ${flowName} in the Node-RED editor (menu, Import) to change it.`);
}

function examplePath(): string {
	const places = exampleFolders.map((folder) => join(packageRoot, folder, example));
	const found = places.find((path) => existsSync(path));
	if (found !== undefined) return found;
	const sentence = `The example ${places[0]} is missing: install flowbroker again.`;
	throw new FlowbrokerError("FILE_UNREADABLE", sentence);
}
