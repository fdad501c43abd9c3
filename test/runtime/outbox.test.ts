import { watch } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startBroker } from "../helpers/broker";
import { freePort } from "../helpers/free-port";
import { connect } from "../helpers/mqtt-client";
import { Workshop } from "./flowbroker-process";

let workshop: Workshop;

beforeAll(() => {
	workshop = new Workshop();
});

afterAll(() => workshop.remove());

/** Resolves when one of the files in the folder, or below it, holds the text. */
async function written(folder: string, text: string): Promise<void> {
	await mkdir(folder, { recursive: true });
	const changes = watch(folder, { recursive: true });
	const holds = async () => {
		const entries = await readdir(folder, { recursive: true, withFileTypes: true });
		const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
		const contents = await Promise.all(files.map((file) => readFile(file, "latin1").catch(() => "")));
		return contents.some((content) => content.includes(text));
	};
	try {
		while (!(await holds())) await new Promise((resolve) => changes.once("change", resolve));
	} finally {
		changes.close();
	}
}

test("ten thousand messages for a broker that is away outlive the power cut of the runtime, and go in order", async () => {
	const port = await freePort();
	const flow = (messages: number) => [
		{ id: "t", type: "tab", label: "Away" },
		{ id: "far", type: "flowbroker-broker", kind: "remote", broker: "127.0.0.1", port, reconnectMin: 0.05 },
		{ id: "go", type: "inject", z: "t", props: [], once: true, onceDelay: 0, wires: [["make"]] },
		{
			...{ id: "make", type: "function", z: "t", outputs: 1, libs: [], wires: [["out"]] },
			func: `for (let at = 0; at < ${messages}; at++) node.send({ topic: "away/" + at, payload: at });`,
		},
		{ id: "out", type: "flowbroker-out", z: "t", qos: "1", broker: "far", wires: [] },
	];
	workshop.write("cwd/away.json", flow(10_000));
	const first = workshop.startReal(["run", "away.json", "--data", "data"]);
	await written(join(workshop.cwd, "data"), "away/9999");
	first.kill();
	await first.outcome();

	await using broker = await startBroker({ listeners: [{ port }] });
	const observer = await connect(broker.url);
	await observer.mqtt.subscribeAsync("away/#", { qos: 1 });
	workshop.write("cwd/away.json", flow(0));
	const second = workshop.startReal(["run", "away.json", "--data", "data"]);
	const received = await observer.count(10_000);
	expect(received.map(({ text }) => text)).toEqual(Array.from({ length: 10_000 }, (_, at) => String(at)));
	await observer.close();
	expect((await second.stop()).code).toBe(0);
}, 60_000);
