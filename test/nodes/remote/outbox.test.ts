import { describe, expect, test } from "@jest/globals";
import type { FlowbrokerError, Message } from "../../../broker";
import { Outbox } from "../../../nodes/broker/remote/outbox";
import type { QueueLimits } from "../../../nodes/broker/remote/remote-options";
import type { ServerLimits } from "../../../nodes/broker/remote/server-limits";
import type { Session } from "../../../nodes/broker/remote/session";

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
		const outbox = new Outbox(limits, () => now);
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
		const outbox = new Outbox(limits, () => now);
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
});
