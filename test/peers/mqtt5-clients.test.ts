/** Programs that people use with MQTT 5 do the same with our broker and with Mosquitto. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Pair, startPair } from "./mosquitto/pair";
import { type ActionName, actions, type Peer, titles } from "./mqtt5/actions";
import { mosquittoTools } from "./mqtt5/mosquitto-tools";
import { mqttJs } from "./mqtt5/mqtt-js";
import { nodeRed } from "./mqtt5/node-red";
import { paho } from "./mqtt5/paho";

/** What each program has no way to do, or to tell. */
const peers: readonly (readonly [name: string, make: () => Peer | Promise<Peer>, without: readonly ActionName[]])[] = [
	["MQTT.js 5", mqttJs, []],
	["Paho for Python", paho, []],
	["mosquitto_pub and mosquitto_sub", mosquittoTools, ["session present", "no local", "identifiers"]],
	["Node-RED's own nodes", nodeRed, ["session present", "alias", "identifiers"]],
];

describe("MQTT 5 clients see the same with Mosquitto and with us", () => {
	let folder: string;
	let pair: Pair;

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "flowbroker-mqtt5-"));
		pair = await startPair(folder, { anonymous: true });
	});

	afterAll(async () => {
		await pair.stop();
		rmSync(folder, { recursive: true });
	});

	describe.each(peers)("%s", (_name, make, without) => {
		let peer: Peer;

		beforeAll(async () => {
			peer = await make();
		});

		afterAll(() => peer.stop());

		const names = (Object.keys(actions) as ActionName[]).filter((name) => !without.includes(name));

		test.each(names)("%s", async (name) => {
			const act = peer.acts[name];
			if (!act) throw new Error(`${peer.name} does not do it`);
			const theirs = await act(pair.theirs);
			const ours = await act(pair.ours);
			expect({ theirs, ours }).toEqual({ theirs: actions[name], ours: actions[name] });
		});
	});
});

test("docs/mqtt5.md shows who does what", () => {
	const page = readFileSync(join(__dirname, "../../docs/mqtt5.md"), "utf8");
	const [, section = ""] = page.split("## Other people's programs");
	const cells = section
		.split("\n")
		.filter((line) => line.startsWith("| "))
		.map((line) => line.slice(2, -2).split(" | "));
	const head = ["what", ...peers.map(([name]) => name)];
	const rows = (Object.keys(actions) as ActionName[]).map((name) => [
		titles[name],
		...peers.map(([, , without]) => (without.includes(name) ? "" : "same")),
	]);
	expect(cells).toEqual([head, ...rows]);
});
