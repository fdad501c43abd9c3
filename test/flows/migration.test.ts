import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { startBroker } from "../helpers/broker";
import { runFlows } from "../helpers/flow-run";
import { HomeWatch } from "../helpers/home-watch";

const root = join(__dirname, "../..");
const flows = join(root, "flows/migration");
const read = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Array<Record<string, unknown>>;

/** What comes in, and which valve it moves how. */
const steps = [
	{ says: ["garden/roses/moisture", "20"], moves: [["roses", "open"]] },
	{ says: ["garden/roses/moisture", "18"], moves: [] },
	{ says: ["garden/herbs/moisture", "60"], moves: [["herbs", "close"]] },
	{ says: ["garden/roses/moisture", "45"], moves: [["roses", "close"]] },
	{ says: ["garden/herbs/moisture", "12"], moves: [["herbs", "open"]] },
	{
		says: ["weather/rain", "true"],
		moves: [
			["start", "close"],
			["roses", "close"],
			["herbs", "close"],
		],
	},
] as const;

const expected = steps.flatMap(({ moves }) => moves.map(([bed, word]) => `garden/${bed}/valve/set ${word}`));

/** What the garden does, told by somebody who watches its broker. */
async function garden(url: string): Promise<string[]> {
	const home = await HomeWatch.open(url);
	const valve = (bed: string) => `garden/${bed}/valve/set`;
	// A flow with a broker elsewhere subscribes when it is connected: it is there when it reacts to what is retained.
	await home.publish("garden/start/moisture", "20", { retain: true });
	await home.until(valve("start"), "open");
	home.clear();
	for (const { says, moves } of steps) {
		const [topic, text] = says;
		await home.publish(topic, text);
		for (const [bed, word] of moves) await home.until(valve(bed), word);
	}
	const seen = home.messages().filter(([topic]) => topic.endsWith("/valve/set"));
	await home.close();
	return seen.map((message) => message.join(" "));
}

describe("the move from Mosquitto", () => {
	test("before: Node-RED's own nodes and a broker elsewhere", async () => {
		await using elsewhere = await startBroker();
		const folder = await mkdtemp(join(tmpdir(), "flowbroker-before-"));
		const nodes = read(join(flows, "mosquitto-before.json")).map((node) =>
			node.type === "mqtt-broker" ? { ...node, broker: "127.0.0.1", port: String(elsewhere.port) } : node,
		);
		const file = join(folder, "before.json");
		await writeFile(file, JSON.stringify(nodes));
		await using run = await runFlows({ flows: [file] });
		expect((await garden(elsewhere.url)).sort()).toEqual([...expected].sort());
		expect(await run.stop()).toBe(0);
		await rm(folder, { recursive: true, force: true });
	}, 40_000);

	test("after, with the broker inside: the same happens", async () => {
		await using run = await runFlows({ flows: ["migration/mosquitto-after"] });
		expect((await garden(run.url)).sort()).toEqual([...expected].sort());
		expect(await run.stop()).toBe(0);
	}, 40_000);

	test("after, while Mosquitto is still there: the same happens", async () => {
		await using elsewhere = await startBroker();
		const env = { BROKER_KIND: "remote", MQTT_HOST: "127.0.0.1" };
		await using run = await runFlows({ flows: ["migration/mosquitto-after"], env, port: elsewhere.port });
		expect((await garden(elsewhere.url)).sort()).toEqual([...expected].sort());
		expect(await run.stop()).toBe(0);
	}, 40_000);

	test("the command converts the flow before into the nodes and wires of the flow after", () => {
		const cli = join(root, "dist/runtime/cli.js");
		const text = execFileSync(process.execPath, [cli, "convert", join(flows, "mosquitto-before.json")], {
			encoding: "utf8",
			stdio: ["ignore", "pipe", "pipe"],
		});
		const canvas = (nodes: Array<Record<string, unknown>>) =>
			nodes
				.filter(({ type, z }) => z !== undefined && type !== "comment" && type !== "group")
				.map(({ type, topic, func, x, y }) => ({ type, topic, func, x, y }))
				.sort((one, other) => Number(one.y) - Number(other.y) || Number(one.x) - Number(other.x));
		const converted = canvas(JSON.parse(text) as Array<Record<string, unknown>>);
		expect(converted).toEqual(canvas(read(join(flows, "mosquitto-after.json"))));
	});
});
