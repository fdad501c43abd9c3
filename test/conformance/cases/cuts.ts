/** Chapters 4.3.3 and 4.8.2 under connections that break at any moment: nothing is lost, nothing comes twice. */

import { expect } from "@jest/globals";
import type { Packet } from "mqtt-packet";
import { SeededRandom } from "../../broker/wire/seeded-random";
import { both, type Case, type Chapter } from "../case";
import { type Client, publishPacket } from "../client";
import type { Stage } from "../stage";

const MESSAGES = 40;

/** One side of the exchange: connects again whenever its connection was cut, until it is done. */
async function persist(
	stage: Stage,
	clientId: string,
	random: SeededRandom,
	again: (client: Client) => void | Promise<void>,
	handle: (packet: Packet, client: Client) => boolean,
): Promise<void> {
	for (;;) {
		const client = await stage.login(stage.lasting(clientId));
		await again(client);
		for (let left = 1 + random.below(12); left > 0; left--) {
			const packet = await client.raw.next();
			if (handle(packet, client)) return client.leave();
		}
		client.drop();
	}
}

/** Publishes all with QoS 2, one after the other, and does again what was not answered. */
function publishAll(stage: Stage, random: SeededRandom): Promise<void> {
	let at = 0;
	/** PUBREC came: PUBREL is what is to be sent again. */
	let isReceived = false;
	const send = (client: Client, dup: boolean) => {
		if (isReceived) client.send({ cmd: "pubrel", messageId: at + 1 });
		else client.send(publishPacket(stage.topic(), `${at}`, { qos: 2, messageId: at + 1, dup }));
	};
	const handle = ({ cmd, messageId }: Packet, client: Client): boolean => {
		if (messageId !== at + 1) return false;
		if (cmd === "pubrec" && !isReceived) isReceived = true;
		else if (cmd === "pubcomp") {
			at += 1;
			isReceived = false;
		} else return false;
		if (at < MESSAGES) send(client, false);
		return at === MESSAGES;
	};
	return persist(stage, stage.id(), random, (client) => send(client, true), handle);
}

/** Takes all, as a client does that keeps its packet identifiers over connections. */
async function receiveAll(stage: Stage, clientId: string, random: SeededRandom): Promise<string[]> {
	const got: string[] = [];
	const unreleased = new Set<number>();
	await persist(
		stage,
		clientId,
		random,
		() => {},
		(packet, client) => {
			const { messageId = 0 } = packet;
			if (packet.cmd === "publish") {
				if (!unreleased.has(messageId)) got.push(packet.payload.toString());
				unreleased.add(messageId);
				client.send({ cmd: "pubrec", messageId });
			} else if (packet.cmd === "pubrel") {
				unreleased.delete(messageId);
				client.send({ cmd: "pubcomp", messageId });
			}
			return got.length >= MESSAGES && unreleased.size === 0;
		},
	);
	return got;
}

function cut(seed: number): Case {
	return both(
		`QoS 2 is exactly once, in order, over connections that are cut at random (seed ${seed})`,
		"4.3.3-1 4.3.3-2 4.4.0-1",
		"4.3.3-6 4.3.3-10 4.4.0-1",
		async (stage) => {
			const clientId = stage.id();
			const receiver = await stage.login(stage.lasting(clientId));
			await receiver.subscribe(stage.topic());
			receiver.drop();
			const received = receiveAll(stage, clientId, new SeededRandom(seed));
			await Promise.all([publishAll(stage, new SeededRandom(seed + 1)), received]);
			expect(await received).toEqual(Array.from({ length: MESSAGES }, (_, at) => `${at}`));
			// Nothing is left of it.
			const last = await stage.login(stage.lasting(clientId));
			expect(await stage.settled(last, last)).toEqual([]);
		},
	);
}

/** A member of a group that comes and goes; acknowledges most of what it gets. @param take returns whether all is there */
async function member(stage: Stage, clientId: string, random: SeededRandom, take: (payload: string) => boolean) {
	for (;;) {
		const client = await stage.login(stage.lasting(clientId));
		for (let left = 1 + random.below(10); left > 0; left--) {
			client.send({ cmd: "pingreq" });
			const packet = await client.raw.next();
			if (packet.cmd === "publish" && packet.qos === 1) {
				// Now and then it goes without a word: then another one has to get it, or itself again.
				if (random.below(4) === 0) break;
				client.send({ cmd: "puback", messageId: packet.messageId ?? 0 });
				take(packet.payload.toString());
			}
			if (take("")) return client.leave();
		}
		client.drop();
	}
}

function group(seed: number): Case {
	return both(
		`no message of a group is lost while its members come and go (seed ${seed})`,
		"4.5.0-1",
		"4.5.0-1",
		async (stage) => {
			const filter = `$share/g/${stage.topic()}`;
			const ids = [stage.id(), stage.id(), stage.id()];
			for (const clientId of ids) {
				const client = await stage.login(stage.lasting(clientId));
				await client.subscribe(filter, 1);
				client.drop();
			}
			const missing = new Set(Array.from({ length: MESSAGES }, (_, at) => `${at}`));
			const take = (payload: string): boolean => {
				missing.delete(payload);
				return missing.size === 0;
			};
			const members = ids.map((clientId, at) => member(stage, clientId, new SeededRandom(seed * 10 + at), take));
			const publisher = await stage.login();
			for (let at = 0; at < MESSAGES; at++) await publisher.publish(stage.topic(), `${at}`);
			await Promise.all(members);
			expect([...missing]).toEqual([]);
		},
	);
}

export const cuts: Chapter = {
	title: "4.3.3 and 4.8.2 Connections that are cut",
	cases: [...[1, 2, 3, 4, 5].map(cut), ...[1, 2, 3, 4, 5].map(group)],
};
