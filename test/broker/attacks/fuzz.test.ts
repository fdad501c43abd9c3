/**
 * P9: valid and broken packets of all types, in any order and cut anywhere, against a live broker. What happens is
 * decided by a seed, but for the timing of the network.
 *
 * FUZZ_SECONDS=180 runs it for so long in place of two seconds, from a random seed or from FUZZ_SEED, which a failure names.
 */

import { expect, test } from "@jest/globals";
import { generate, type Packet } from "mqtt-packet";
import { connectPacket, RawClient, type Version } from "../../helpers/raw-client";
import { SeededRandom } from "../wire/seeded-random";
import { validConnects, validPackets } from "../wire/valid-packets";
import { type Arena, onEachEngine, publish, subscribe } from "./arena";
import { mutate } from "./mutate";

const asked = process.env.FUZZ_SECONDS;
const seconds = Number(asked ?? 2);
/** One connection each, from here on: the same ones in every run, unless it is a long one. */
const firstSeed = Number(process.env.FUZZ_SEED ?? (asked === undefined ? 1 : Date.now() % 1_000_000));
/** Connections at the same time. */
const LANES = 8;

const names = ["a", "b", "c", "constructor", "__proto__", "", "häuschen"];
const topics = ["a", "a/b", "__proto__", "home/lamp", "$SYS/x", "/", "1", "0", "will"];
const filters = [...topics, "#", "+", "+/+", "a/#", "$SYS/#", "$share/g/a", "$flowbroker/proto"];

onEachEngine((arena) => {
	test(
		"P9 no sequence of valid and broken packets ends the broker or keeps another client waiting",
		async () => {
			await using attacked = await arena({ connectTimeout: 5 });
			const end = Date.now() + seconds * 1_000;
			let round = 0;
			let over = false;
			const running = new Set<number>();
			const lane = async () => {
				while (Date.now() < end && !over) {
					const seed = firstSeed + round++;
					running.add(seed);
					await within(10_000, attack(attacked, new SeededRandom(seed)));
					running.delete(seed);
				}
			};
			const fatal: Error[] = [];
			const note = (error: Error) => fatal.push(error);
			process.on("uncaughtExceptionMonitor", note);
			const lanes = Promise.all(Array.from({ length: LANES }, lane)).finally(() => {
				over = true;
			});
			const watch = async () => {
				while (!over) {
					await within(5_000, attacked.serves());
					expect([...attacked.faults, ...fatal]).toEqual([]);
				}
			};
			try {
				await Promise.all([lanes, watch()]);
			} catch (cause) {
				over = true;
				throw new Error(`the broker failed with one of the seeds ${[...running].join(", ")}: ${cause}`, { cause });
			} finally {
				process.off("uncaughtExceptionMonitor", note);
			}
			await attacked.serves();
			// Of a connection that was cut the broker hears a little later.
			while (attacked.broker.clients().length > 1) await attacked.serves();
		},
		(seconds + 20) * 1_000,
	);
});

/** One connection, from its beginning to its end. */
async function attack({ port }: Arena, random: SeededRandom): Promise<void> {
	const version = random.pick([3, 4, 5, 5] as const);
	const client = await RawClient.open(port, version);
	const bytes = Buffer.concat([
		opening(version, random),
		...Array.from({ length: random.below(25) }, () => one(version, random)),
	]);
	if (random.below(10) === 0) client.freeze();
	for (let at = 0; at < bytes.length && !client.isClosed; ) {
		const next = random.below(3) === 0 ? at + 1 + random.below(bytes.length - at) : bytes.length;
		client.send(bytes.subarray(at, next));
		at = next;
		for (let pause = random.below(3); pause > 0; pause--) await new Promise((resolve) => setImmediate(resolve));
	}
	if (random.below(3) === 0) {
		client.drop();
		return;
	}
	client.socket.resume();
	client.socket.end();
	await client.closed();
}

function opening(version: Version, random: SeededRandom): Buffer {
	const sample = random.pick(validConnects).packet;
	switch (random.below(10)) {
		case 0:
			return sample;
		case 1:
			return mutate(sample, random);
		case 2:
			return Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256)));
		default:
			return login(version, random);
	}
}

/** A CONNECT that is let in, in most cases. */
function login(version: Version, random: SeededRandom): Buffer {
	const qos = random.below(3) as 0 | 1 | 2;
	const will = { topic: random.pick(topics), payload: Buffer.from("will"), qos, retain: random.below(2) === 0 };
	const properties = { sessionExpiryInterval: random.below(3), receiveMaximum: 1 + random.below(20) };
	const willProperties = version === 5 ? { properties: { willDelayInterval: random.below(3) } } : {};
	const clientId = random.pick(names) || (version === 5 ? "" : "x");
	return generate(
		connectPacket(version, {
			clientId,
			clean: clientId === "" || random.below(2) === 0,
			keepalive: random.below(3) * 100,
			...(version === 5 && random.below(2) === 0 ? { properties } : {}),
			...(random.below(3) === 0 ? { will: { ...will, ...willProperties } } : {}),
		}),
	);
}

function one(version: Version, random: SeededRandom): Buffer {
	const kind = random.below(10);
	if (kind < 3) return random.pick(validPackets.filter((sample) => sample.version === version)).packet;
	const packet = kind < 5 ? random.pick(validPackets).packet : generate(likely(random), { protocolVersion: version });
	return kind < 8 ? packet : mutate(packet, random);
}

/** Packets that have to do with one another: the same few identifiers, topics and filters. */
function likely(random: SeededRandom): Packet {
	const messageId = 1 + random.below(4);
	const qos = random.below(3) as 0 | 1 | 2;
	const some = <T>(list: readonly T[]) => Array.from({ length: 1 + random.below(4) }, () => random.pick(list));
	switch (random.below(9)) {
		case 0:
		case 1:
			return publish(random.pick(topics), qos, {
				retain: random.below(2) === 0,
				payload: random.pick(["", "x", "y".repeat(3_000)]),
				...(qos > 0 ? { messageId, dup: random.below(3) === 0 } : {}),
			});
		case 2:
			return subscribe(messageId, ...some(filters));
		case 3:
			return { cmd: "unsubscribe", messageId, unsubscriptions: some(filters) };
		case 4:
			return { cmd: "pubrel", messageId };
		case 5:
			return { cmd: random.pick(["puback", "pubrec", "pubcomp"] as const), messageId };
		case 6:
			return { cmd: "pingreq" };
		case 7:
			return random.below(5) === 0 ? { cmd: "disconnect" } : { cmd: "pingreq" };
		default:
			return publish(random.pick(topics));
	}
}

/** Rejects when it takes so long that it hangs. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(() => reject(new Error(`nothing for ${milliseconds} ms`)), milliseconds);
	});
	try {
		return await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}
