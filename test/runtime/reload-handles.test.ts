import { renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Workshop } from "./flowbroker-process";

let workshop: Workshop;

/** Tells what the process holds open, and how many listeners there are for signals and errors. */
const counter = `module.exports = (RED) => {
	const events = ["SIGHUP", "SIGTERM", "SIGINT", "uncaughtException"];
	RED.nodes.registerType("counter", function (config) {
		RED.nodes.createNode(this, config);
		const listeners = events.map((event) => process.listenerCount(event));
		const emitted = RED.events.eventNames().map((event) => RED.events.listenerCount(event));
		const total = [...listeners, ...emitted].reduce((sum, count) => sum + count, 0);
		setTimeout(() => {
			const open = process.getActiveResourcesInfo().filter((name) => /Server|Socket|TCP|FSEvent|Pipe/.test(name));
			console.log(\`reload \${config.name}: \${open.sort().join(" ")}, \${total} listeners;\`);
		}, 20);
	});
};`;

beforeAll(() => {
	workshop = new Workshop();
	workshop.write("cwd/data/package.json", {});
	const folder = "cwd/data/node_modules/contrib-counter";
	const nodes = { counter: "counter.js" };
	workshop.write(`${folder}/package.json`, { name: "contrib-counter", version: "1.0.0", "node-red": { nodes } });
	workshop.write(`${folder}/counter.js`, counter);
});

afterAll(() => workshop.remove());

function save(version: number): void {
	const broker = { id: "b", type: "flowbroker-broker", port: "$" + "{FLOWBROKER_PORT}" };
	const count = { id: "c", type: "counter", z: "t", name: String(version) };
	workshop.write("cwd/counted.new", [{ id: "t", type: "tab" }, broker, count]);
	renameSync(join(workshop.cwd, "counted.new"), join(workshop.cwd, "counted.json"));
}

test("fifty reloads leave no handle and no listener behind", async () => {
	save(0);
	const command = workshop.startReal(["run", "counted.json", "--data", "data", "--port", "0", "--rollback", "60"]);
	await command.sees("is running");
	for (let version = 1; version <= 50; version++) {
		save(version);
		command.signal("SIGHUP");
		await command.sees(`reload ${version}:`);
	}
	const said = (version: number) => new RegExp(`reload ${version}: (.*);`).exec(command.stdout)?.[1];
	expect(said(50)).toContain("listeners");
	expect(said(50)).toBe(said(2));
	expect((await command.stop()).code).toBe(0);
});
