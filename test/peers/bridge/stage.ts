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
	const opened: (() => Promise<unknown>)[] = [];
	const stage = {
		[Symbol.asyncDispose]: async () => {
			for (const close of opened.splice(0).reverse()) await close();
		},
	};
	try {
		const server = await startMosquitto(folder, ["allow_anonymous true"]);
		opened.push(() => server.stop());
		const there = await observer(server.port);
		opened.push(() => there.close());
		// Retained: the bridge gets it whenever it comes.
		const sign: Said = { side: "there", topic: "curtain/in", text: "0", qos: 2, retain: true };
		await say({ there }, [sign, ...before]);
		const all = [...lines, ...curtain];
		const from =
			kind === "ours" ? await ours(version, server.port, all) : await theirs(version, folder, server.port, all);
		opened.push(() => from.stop());
		const here = await observer(from.port);
		opened.push(() => here.close());
		const clients = { here, there };
		await say({ here }, before);
		await from.connect();
		await here.next(({ topic }) => topic === "curtain/in");
		return { ...stage, ...clients, say: (messages) => say(clients, messages), seen: seenBy(clients) };
	} catch (error) {
		await stage[Symbol.asyncDispose]();
		throw error;
	}
}

function seenBy(clients: Record<Side, TestClient>): () => Promise<string[]> {
	const { here, there } = clients;
	let scene = 0;
	const down = async () => {
		const text = String(++scene);
		await say(clients, [
			{ side: "here", topic: "curtain/out", text, qos: 2 },
			{ side: "there", topic: "curtain/in", text, qos: 2 },
		]);
		await there.next((message) => message.topic === "curtain/out" && message.text === text);
		await here.next((message) => message.topic === "curtain/in" && message.text === text);
	};
	return async () => {
		// Twice: what another QoS has carried is through with the second one.
		await down();
		await down();
		return [...shown("here", here), ...shown("there", there)];
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
