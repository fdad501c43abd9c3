/** A broker with a bridge to a real Mosquitto: another Mosquitto, or ours. Both do the same, and it is seen what happens. */

import { type Changes, join } from "../../broker/bridge/joined";
import { startBroker } from "../../helpers/broker";
import { connect, type TestClient } from "../../helpers/mqtt-client";
import { startMosquitto } from "../mosquitto/server";

export type Kind = "Mosquitto" | "ours";
export type Version = 4 | 5;
export type Side = "here" | "there";

/** Something that is published: on which side, and what. */
export interface Said {
	readonly side: Side;
	readonly topic: string;
	readonly text: string;
	readonly qos: 0 | 1 | 2;
	readonly retain?: boolean;
}

/** Rules by which the end of a scene is seen on both sides. */
const curtain = ["curtain/out out 2", "curtain/in in 2"];

export interface Stage extends AsyncDisposable {
	readonly here: TestClient;
	readonly there: TestClient;
	/** Publishes one after the other. */
	say(messages: readonly Said[]): Promise<void>;
	/** What arrived on both sides until now: `there a/b x (QoS 1, retained)`, in order on each side. */
	seen(): Promise<string[]>;
}

/** @param lines what stands behind `topic` in mosquitto.conf */
export async function openStage(
	kind: Kind,
	version: Version,
	folder: string,
	lines: readonly string[],
	before: readonly Said[] = [],
): Promise<Stage> {
	const there = await startMosquitto(folder, ["allow_anonymous true"]);
	const far = await observer(there.port);
	await say(
		{ there: far },
		before.filter(({ side }) => side === "there"),
	);
	const all = [...lines, ...curtain];
	const here = kind === "ours" ? await ours(version, there.port, all) : await theirs(version, folder, there.port, all);
	const near = await observer(here.port);
	const clients = { here: near, there: far };
	await say(
		clients,
		before.filter(({ side }) => side === "here"),
	);
	let scene = 0;
	const down = async () => {
		scene++;
		const text = String(scene);
		await say(clients, [
			{ side: "here", topic: "curtain/out", text, qos: 2 },
			{ side: "there", topic: "curtain/in", text, qos: 2 },
		]);
		await far.next((message) => message.topic === "curtain/out" && message.text === text);
		await near.next((message) => message.topic === "curtain/in" && message.text === text);
	};
	await here.connect();
	await near.next(({ topic }) => topic === "curtain/in");
	return {
		here: near,
		there: far,
		say: (messages) => say(clients, messages),
		seen: async () => {
			// Twice: what another QoS has carried is through with the second one.
			await down();
			await down();
			return [...shown("here", near), ...shown("there", far)];
		},
		[Symbol.asyncDispose]: async () => {
			await Promise.all([near.close(), far.close()]);
			await here.stop();
			await there.stop();
		},
	};
}

async function ours(version: Version, port: number, lines: readonly string[]) {
	const broker = await startBroker();
	const changes: Changes = { protocolVersion: version, tryPrivate: true };
	const joined: AsyncDisposable[] = [];
	return {
		port: broker.port,
		connect: async () => {
			joined.push(await join(broker, port, lines, changes));
		},
		stop: async () => {
			for (const one of joined) await one[Symbol.asyncDispose]();
			await broker[Symbol.asyncDispose]();
		},
	};
}

async function theirs(version: Version, folder: string, port: number, lines: readonly string[]) {
	const settings = [
		"allow_anonymous true",
		"connection stage",
		`address 127.0.0.1:${port}`,
		`bridge_protocol_version ${version === 5 ? "mqttv50" : "mqttv311"}`,
		"notifications false",
		"restart_timeout 1",
		...lines.map((line) => `topic ${line}`),
	];
	const broker = await startMosquitto(folder, settings);
	return { ...broker, connect: async () => {} };
}

async function observer(port: number): Promise<TestClient> {
	const client = await connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
	await client.mqtt.subscribeAsync("#", { qos: 2, rap: true });
	return client;
}

async function say(clients: Partial<Record<Side, TestClient>>, messages: readonly Said[]): Promise<void> {
	for (const { side, topic, text, qos, retain = false } of messages) {
		await clients[side]?.mqtt.publishAsync(topic, text, { qos, retain });
	}
}

function shown(side: Side, { received }: TestClient): string[] {
	return received
		.filter(({ topic }) => !topic.startsWith("curtain/"))
		.map(({ topic, text, qos, retain }) => `${side} ${topic} ${text} (QoS ${qos}${retain ? ", retained" : ""})`);
}
