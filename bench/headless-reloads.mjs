// Memory over many reloads: node bench/headless-reloads.mjs [reloads, default 1000]
//
// Runs the demo home with one node that every reload changes, and prints what is in use after each tenth of them.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const reloads = Number(process.argv[2] ?? 1000);
const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "flowbroker-reloads-"));
const file = join(folder, "flow.json");
const home = JSON.parse(readFileSync(join(root, "flows/demo-home.json"), "utf8"));
const tab = home.find(({ type }) => type === "tab").id;

const rules = (version) => [{ t: "set", p: "payload", pt: "msg", to: String(version), tot: "str" }];

/** Replaced as an editor does. */
function save(version) {
	const added = { id: "bench", type: "change", z: tab, x: 1, y: 1, rules: rules(version), wires: [[]] };
	writeFileSync(`${file}.new`, JSON.stringify([...home, added]));
	renameSync(`${file}.new`, file);
}

save(0);
const collect = ["--expose-gc", "-r", join(import.meta.dirname, "lib/collect-garbage.cjs")];
const words = [...collect, join(root, "dist/runtime/cli.js"), "run", file, "--port", "0"];
const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
let output = "";
let more = () => {};
child.stdout.setEncoding("utf8").on("data", (text) => {
	output += text;
	more();
});

async function sees(text) {
	while (!output.includes(text)) {
		await new Promise((resolve) => {
			more = resolve;
		});
	}
	output = output.slice(output.indexOf(text) + text.length);
}

async function tellMemory(when) {
	child.kill("SIGUSR2");
	await sees("memory: ");
	console.log(`${when}: ${output.split("\n", 1)[0]}`);
}

try {
	await sees("is running");
	await tellMemory("at the start");
	for (let version = 1; version <= reloads; version++) {
		save(version);
		child.kill("SIGHUP");
		await sees("was read again");
		if (version % (reloads / 10) === 0) await tellMemory(`after ${version} reloads`);
	}
} finally {
	child.kill();
	rmSync(folder, { recursive: true });
}
