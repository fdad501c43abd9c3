/** `flowbroker install`: puts packages with nodes into the data folder. */

import { join, resolve } from "node:path";
import { FlowbrokerError } from "../../broker";
import type { Command, CommandCall } from "../command";
import { configOption, resolveSettings } from "../config/resolve";
import { prepareDataFolder } from "../data-folder";
import { runNpm } from "../install/npm";
import { packageWords } from "../install/package-words";
import { findNodePackages, type NodePackage } from "../node-packages";
import { count, say } from "./common/print";

export const install: Command = {
	name: "install",
	summary: "put packages with more nodes into the data folder",
	usage: "PACKAGE... --data DIR",
	help: `Installs packages with Node-RED nodes into the data folder, where "flowbroker run" and "flowbroker check" find
them: names that npm knows, with or without a version, or folders and .tgz files. What packages want to run while they
are installed is only run with --scripts: some need it, to build a part for this machine.`,
	options: {
		data: { value: "DIR", help: 'the folder of "flowbroker run --data"' },
		scripts: { help: "let the packages run their own programs while they are installed" },
		...configOption,
	},
	examples: [
		"flowbroker install @flowfuse/node-red-dashboard --data /var/lib/flowbroker",
		"flowbroker install ./my-nodes-1.0.0.tgz --data /var/lib/flowbroker",
	],
	run: installPackages,
};

async function installPackages(call: CommandCall): Promise<void> {
	if (call.files.length === 0) {
		throw new FlowbrokerError("USAGE", "Name the packages to install. See: flowbroker help install");
	}
	const { data } = resolveSettings(call, process.env).call.values;
	if (data === undefined) {
		throw new FlowbrokerError("USAGE", "Say into which folder: --data DIR, the one of flowbroker run.");
	}
	const folder = resolve(data);
	const words = packageWords(call.files);
	await prepareDataFolder(folder);
	const before = new Set(packagesIn(folder).map(({ name }) => name));
	const scripts = call.switches.has("scripts") ? [] : ["--ignore-scripts"];
	// Node-RED itself is there already, and is what most packages ask for as a peer: npm would bring another one.
	const npmWords = [
		"install",
		...scripts,
		"--loglevel=error",
		"--no-audit",
		"--no-fund",
		"--omit=dev",
		"--legacy-peer-deps",
		"--save",
		"--",
	];
	await runNpm([...npmWords, ...words], folder);
	const added = packagesIn(folder).filter(({ name }) => !before.has(name));
	for (const { name, types } of added)
		say(`${name}: ${types.length === 0 ? "its nodes are found when it runs" : types.join(", ")}`);
	say(`${count(call.files.length, "package")} installed into ${folder}. A flow that runs has to be started again.`);
}

function packagesIn(folder: string): NodePackage[] {
	return findNodePackages(join(folder, "node_modules"));
}
