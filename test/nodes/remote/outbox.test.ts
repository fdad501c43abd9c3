import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type FlowbrokerError, KeptMessages, type Message } from "../../../broker";
import { Outbox } from "../../../nodes/broker/remote/outbox";
import type { QueueLimits } from "../../../nodes/broker/remote/remote-options";
import type { ServerLimits } from "../../../nodes/broker/remote/server-limits";
import type { Session } from "../../../nodes/broker/remote/session";
import type { NodeQueue } from "../../../nodes/flow-client";

const limits: QueueLimits = { messages: 10_000, bytes: 1_000_000_000, drop: "newest", qos0: true };

interface Sent {
	readonly topic: string;
	readonly properties?: Message["properties"];
	acknowledge(error?: Error): void;
}

/** A connection that writes down what is published; nothing is acknowledged by itself. */
function session(server: ServerLimits = {}): { session: Session; sent: Sent[] } {
	const sent: Sent[] = [];
	const publish = (topic: string, _payload: Buffer, options: object, acknowledge: Sent["acknowledge"]) => {
		sent.push({ topic, ...options, acknowledge });
	};
	const made = { mqtt: { publish }, protocolVersion: 5, resumed: false, lasting: false, identifiers: true };
	return { session: { ...made, limits: server } as unknown as Session, sent };
}

const message = (topic: string, changes: Partial<Message> = {}): Message => ({
	topic,
	payload: Buffer.alloc(10),
	qos: 1,
	retain: false,
	...changes,
});

describe("messages on their way to another broker", () => {
	test("wait for an hour, ten thousand of them, and then go in order", () => {
		let now = 0;
		const outbox = new Outbox(limits, { now: () => now });
		const done: string[] = [];
		for (let at = 0; at < 10_000; at++)
			outbox.publish(message(String(at)), (error) => done.push(error?.code ?? String(at)));
		expect([outbox.waiting, done]).toEqual([10_000, []]);
		now = 3_600_000;
		const { session: connection, sent } = session();
		outbox.attach(connection);
		for (let at = 0; at < 10_000; at++) sent[at]?.acknowledge();
		expect(done).toEqual(Array.from({ length: 10_000 }, (_, at) => String(at)));
		expect(sent.map(({ topic }) => topic)).toEqual(done);
	});

	test("go only so many at a time as the broker takes", () => {
		const outbox = new Outbox(limits);
		const { session: connection, sent } = session({ receiveMaximum: 2 });
		outbox.attach(connection);
		for (const topic of ["a", "b", "c"]) outbox.publish(message(topic), () => {});
		expect(sent.map(({ topic }) => topic)).toEqual(["a", "b"]);
		sent[0]?.acknowledge();
		expect(sent.map(({ topic }) => topic)).toEqual(["a", "b", "c"]);
	});

	test("are acknowledged after a loss of the connection, too; with QoS 0 nobody knows", () => {
		const outbox = new Outbox(limits);
		const { session: connection, sent } = session();
		const done: unknown[] = [];
		outbox.attach(connection);
		for (const qos of [0, 1] as const)
			outbox.publish(message(`qos ${qos}`, { qos }), (error) => done.push(error?.code));
		outbox.detach();
		expect(done).toEqual(["CONNECTION_LOST"]);
		outbox.attach(connection);
		sent[1]?.acknowledge();
		expect(done).toEqual(["CONNECTION_LOST", undefined]);
	});

	test("are valid for less time after they have waited, and are given up when they expired", () => {
		let now = 0;
		const outbox = new Outbox(limits, { now: () => now });
		const done: unknown[] = [];
		for (const seconds of [5, 60]) {
			const properties = { messageExpiryInterval: seconds };
			outbox.publish(message(`${seconds}`, { properties }), (error) => done.push(error?.code));
		}
		now = 10_400;
		const { session: connection, sent } = session();
		outbox.attach(connection);
		expect(done).toEqual(["MESSAGE_EXPIRED"]);
		expect(sent).toMatchObject([{ topic: "60", properties: { messageExpiryInterval: 50 } }]);
	});

	test.each<[string, ServerLimits, Partial<Message>]>([
		["QoS 1 at the most", { maximumQoS: 1 }, { qos: 2 }],
		["keeps no retained", { retainAvailable: false }, { retain: true }],
		["100 bytes at the most", { maximumPacketSize: 100 }, { payload: Buffer.alloc(90) }],
	])("are not sent where the broker would end the connection over them: %s", (why, server, changes) => {
		const outbox = new Outbox(limits);
		const { session: connection, sent } = session(server);
		outbox.attach(connection);
		let problem: FlowbrokerError | undefined;
		outbox.publish(message("topic", changes), (error) => {
			problem = error;
		});
		expect(problem).toMatchObject({ code: "PUBLISH_REFUSED", message: expect.stringContaining(why) });
		expect(sent).toEqual([]);
	});

	test("wait within the bytes, too; one that is larger than all of them pushes out no other", () => {
		const outbox = new Outbox({ ...limits, bytes: 1_000, drop: "oldest" });
		const done: unknown[] = [];
		outbox.publish(message("a"), (error) => done.push(["a", error?.code]));
		outbox.publish(message("b", { payload: Buffer.alloc(1_000) }), (error) => done.push(["b", error?.code]));
		outbox.publish(message("c", { payload: Buffer.alloc(700) }), (error) => done.push(["c", error?.code]));
		expect(done).toEqual([
			["b", "QUEUE_FULL"],
			["a", "QUEUE_FULL"],
		]);
	});

	test("need no room to wait when they can go at once", () => {
		const outbox = new Outbox({ ...limits, messages: 0 });
		const { session: connection, sent } = session();
		outbox.attach(connection);
		outbox.publish(message("a"), () => {});
		expect(sent).toHaveLength(1);
	});

	test("that a flow publishes because one is done come after those that waited", () => {
		const outbox = new Outbox(limits);
		const { session: connection, sent } = session({ receiveMaximum: 1 });
		outbox.publish(message("a"), () => outbox.publish(message("c"), () => {}));
		outbox.publish(message("b"), () => {});
		outbox.attach(connection);
		for (let at = 0; at < 3; at++) sent[at]?.acknowledge();
		expect(sent.map(({ topic }) => topic)).toEqual(["a", "b", "c"]);
	});

	test("wait as their node says, whatever the broker's settings say", () => {
		const outbox = new Outbox({ ...limits, messages: 4 });
		const done: unknown[] = [];
		const oldest = { messages: 2, drop: "oldest" } as const;
		const newest = { messages: 1, drop: "newest" } as const;
		const refuse = { messages: undefined, drop: "refuse" } as const;
		const publish = (topic: string, queue?: NodeQueue) => {
			const queued = () => done.push(`${topic} queued`);
			outbox.publish(message(topic), (error) => done.push(`${topic} ${error?.code}`), {
				...(queue && { queue }),
				queued,
			});
		};
		for (const topic of ["a1", "a2", "a3"]) publish(topic, oldest);
		for (const topic of ["b1", "b2"]) publish(topic, newest);
		publish("c", refuse);
		publish("d");
		publish("e");
		publish("f", { messages: undefined, drop: "oldest" });
		publish("a4", oldest);
		expect(done).toEqual([
			...["a1 queued", "a2 queued", "a1 QUEUE_FULL", "a3 queued", "b1 queued", "b2 QUEUE_FULL", "c NOT_CONNECTED"],
			...["d queued", "e QUEUE_FULL", "f QUEUE_FULL", "a2 QUEUE_FULL", "a4 queued"],
		]);
	});

	test("with QoS 1 are sent again over the next connection, in order, when one was ended before it was acknowledged", () => {
		const outbox = new Outbox(limits);
		const first = session({ receiveMaximum: 2 });
		outbox.attach(first.session);
		const done: unknown[] = [];
		for (const topic of ["a", "b", "c"]) outbox.publish(message(topic), (error) => done.push([topic, error?.code]));
		first.sent[1]?.acknowledge();
		outbox.publish(message("two", { qos: 2 }), (error) => done.push(["two", error?.code]));
		outbox.detach();
		outbox.forgetSent();
		const second = session();
		outbox.attach(second.session);
		first.sent[0]?.acknowledge(new Error("too late"));
		expect(second.sent.map(({ topic }) => topic)).toEqual(["a", "c", "two"]);
		for (const sent of second.sent) sent.acknowledge();
		expect(done).toEqual(["b", "a", "c", "two"].map((topic) => [topic, undefined]));
	});

	describe("on the disk", () => {
		let folder: string;
		beforeEach(async () => {
			folder = join(await mkdtemp(join(tmpdir(), "flowbroker-test-")), "outbox");
		});
		afterEach(() => rm(dirname(folder), { recursive: true }));

		/** A process that uses the folder. */
		async function start(now: () => number): Promise<Outbox> {
			const kept = new KeptMessages({ folder, now }, (problem) => {
				throw new Error(problem.kind);
			});
			const outbox = new Outbox(limits, { now, kept });
			await outbox.open();
			return outbox;
		}

		test("wait for an hour, ten thousand of them, over restarts, and then go in order", async () => {
			let now = Date.UTC(2026, 0, 1);
			const failed: unknown[] = [];
			for (let run = 0; run < 4; run++) {
				const outbox = await start(() => now);
				for (let at = 0; at < 2_500; at++) {
					outbox.publish(message(String(2_500 * run + at), { qos: (at % 3) as 0 | 1 | 2 }), (error) =>
						failed.push(error),
					);
					now += 360;
				}
				await outbox.end();
			}
			const outbox = await start(() => now);
			expect([outbox.waiting, failed]).toEqual([10_000, []]);
			const { session: connection, sent } = session();
			outbox.attach(connection);
			for (let at = 0; at < 10_000; at++) sent[at]?.acknowledge();
			expect(sent.map(({ topic }) => topic)).toEqual(Array.from({ length: 10_000 }, (_, at) => String(at)));
			await outbox.end();
			const empty = await start(() => now);
			expect(empty.waiting).toBe(0);
			await empty.end();
		});

		test("keep payload, properties and the time they are valid", async () => {
			let now = Date.UTC(2026, 0, 1);
			const before = await start(() => now);
			const properties = {
				messageExpiryInterval: 60,
				correlationData: Buffer.from([0, 255]),
				userProperties: { a: ["b", "c"] },
			};
			before.publish(message("a", { payload: Buffer.from("x"), retain: true, properties }), () => {});
			before.publish(message("b", { properties: { messageExpiryInterval: 5 } }), () => {});
			await before.end();
			now += 10_000;
			const outbox = await start(() => now);
			const { session: connection, sent } = session();
			outbox.attach(connection);
			expect(sent).toMatchObject([
				{ topic: "a", retain: true, properties: { ...properties, messageExpiryInterval: 50 } },
			]);
			await outbox.end();
		});

		test("are also those that the broker had not acknowledged when the connection was lost", async () => {
			const before = await start(Date.now);
			const { session: connection, sent } = session();
			before.attach(connection);
			for (const topic of ["a", "b", "c"]) before.publish(message(topic), () => {});
			sent[1]?.acknowledge();
			before.detach();
			before.publish(message("d"), () => {});
			await before.end();
			const outbox = await start(Date.now);
			const next = session();
			outbox.attach(next.session);
			expect(next.sent.map(({ topic }) => topic)).toEqual(["a", "c", "d"]);
			await outbox.end();
		});

		test("write nothing while the connection stands", async () => {
			const outbox = await start(Date.now);
			const { session: connection, sent } = session();
			outbox.attach(connection);
			for (let at = 0; at < 300; at++) outbox.publish(message(String(at)), () => {});
			for (let at = 0; at < 300; at++) sent[at]?.acknowledge();
			await outbox.end();
			await expect(readdir(folder)).rejects.toThrow("ENOENT");
		});
	});
});
