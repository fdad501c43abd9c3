import { type EventEmitter, once } from "node:events";
import { connect as connectTcp } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { AccessControl } from "../../../broker";
import { anonymousAccess } from "../../../broker/access/anonymous";
import type { BrokerEventMap } from "../../../broker/events";
import { startBroker, type TestBroker } from "../../helpers/broker";
import { connect } from "../../helpers/mqtt-client";

describe("the metrics of a broker", () => {
	let started: TestBroker;

	beforeEach(async () => {
		started = await startBroker({ sysInterval: 0 }, { access: refusesMallory });
	});
	afterEach(() => started.broker.stop());

	const metrics = () => started.broker.metrics();
	const told = (name: keyof BrokerEventMap) => once(started.broker.events as EventEmitter, name);

	test("count connections and clients, those of now and the most there were", async () => {
		const one = await connect(started.url);
		const two = await connect(started.url);
		expect(metrics().connections).toEqual({ accepted: 2, refused: 0, current: 2, maximum: 2 });
		expect(metrics().clients).toMatchObject({ connected: 2, total: 2, maximum: 2 });
		const left = told("clientDisconnected");
		await one.close();
		await left;
		expect(metrics().clients).toMatchObject({ connected: 1, disconnected: 0, total: 1, maximum: 2 });
		await two.close();
	});

	test("count a client that takes over from itself once", async () => {
		await connect(started.url, { clientId: "twin" });
		const left = told("clientDisconnected");
		const newer = await connect(started.url, { clientId: "twin" });
		await left;
		expect(metrics().clients).toMatchObject({ connected: 1, maximum: 1 });
		await newer.close();
	});

	test("count refused connections, and failed logins apart from them", async () => {
		await expect(connect(started.url, { username: "mallory", protocolVersion: 5 })).rejects.toThrow();
		const refused = told("clientRefused");
		connectTcp(started.port, "127.0.0.1").end("GET / HTTP/1.1\r\n\r\n");
		await refused;
		expect(metrics()).toMatchObject({ connections: { refused: 2 }, logins: { tried: 1, failed: 1 } });
	});

	test("count sessions that wait for their clients, and those given up", async () => {
		const properties = { sessionExpiryInterval: 1 };
		const client = await connect(started.url, { clientId: "sleeper", clean: false, protocolVersion: 5, properties });
		const left = told("clientDisconnected");
		await client.close();
		await left;
		expect(metrics().clients).toMatchObject({ connected: 0, disconnected: 1, total: 1, expired: 0 });
		await told("sessionExpired");
		expect(metrics().clients).toMatchObject({ disconnected: 0, total: 0, expired: 1 });
	});

	test("count packets and bytes on the wire exactly", async () => {
		const client = await connect(started.url, { protocolVersion: 4, clientId: "c" });
		// CONNECT: 2 + 10 + 2 + 1; CONNACK: 4.
		expect(metrics().packets).toEqual({ received: 1, sent: 1, bytesReceived: 15, bytesSent: 4 });
		await client.mqtt.subscribeAsync("a/b", { qos: 1 });
		// SUBSCRIBE: 2 + 2 + 2 + 3 + 1; SUBACK: 5.
		expect(metrics().packets).toEqual({ received: 2, sent: 2, bytesReceived: 25, bytesSent: 9 });
		await client.mqtt.publishAsync("a/b", "12345", { qos: 1 });
		await client.next();
		await client.mqtt.publishAsync("a/c", "1", { qos: 0 });
		await client.mqtt.unsubscribeAsync("a/b");
		// PUBLISH: 2 + 2 + 3 + 2 + 5 with QoS 1, 2 + 2 + 3 + 1 with QoS 0.
		expect(metrics().publish).toMatchObject({ received: 2, sent: 1, bytesReceived: 22, bytesSent: 14 });
		// Besides, in: PUBACK 4 and UNSUBSCRIBE 2 + 2 + 2 + 3; out: PUBACK 4 and UNSUBACK 4.
		expect(metrics().packets).toEqual({ received: 6, sent: 5, bytesReceived: 60, bytesSent: 31 });
		expect(started.broker.clients()[0]?.traffic).toEqual({ messagesIn: 2, messagesOut: 1, bytesIn: 60, bytesOut: 31 });
		await client.close();
	});

	test("keep counting what connections that have ended had sent", async () => {
		for (const text of ["one", "two"]) {
			const client = await connect(started.url);
			await client.mqtt.publishAsync("t", text, { qos: 1 });
			const left = told("clientDisconnected");
			await client.close();
			await left;
		}
		expect(metrics().publish.received).toBe(2);
		expect(metrics().packets.received).toBe(6);
	});

	test("count retained messages that are new, replaced and cleared", async () => {
		const client = await connect(started.url);
		const publish = (topic: string, text: string) => client.mqtt.publishAsync(topic, text, { qos: 1, retain: true });
		await publish("a", "1");
		await publish("b", "1");
		const { bytes } = metrics().retained;
		await publish("a", "123");
		expect(metrics().retained).toEqual({ count: 2, bytes: bytes + 2, refused: 0 });
		await publish("a", "");
		await publish("never there", "");
		await client.mqtt.publishAsync("c", "not kept", { qos: 1 });
		expect(metrics().retained).toEqual({ count: 1, bytes: bytes / 2, refused: 0 });
		await client.close();
	});

	test("count subscriptions of connected clients, a repeated one once", async () => {
		const client = await connect(started.url, { protocolVersion: 5 });
		await client.mqtt.subscribeAsync(["a/#", "b"]);
		await client.mqtt.subscribeAsync("b", { qos: 1 });
		expect(metrics().subscriptions).toEqual({ count: 2, shared: 0 });
		const left = told("clientDisconnected");
		await client.close();
		await left;
		expect(metrics().subscriptions).toEqual({ count: 0, shared: 0 });
	});

	test("count what clients were not allowed to do", async () => {
		const client = await connect(started.url, { protocolVersion: 4 });
		await client.mqtt.publishAsync("$SYS/broker/uptime", "forged", { qos: 1 });
		await client.mqtt.publishAsync("$SYS/broker/uptime", "forged", { qos: 1 });
		expect(metrics().denied).toEqual({ publish: 2, subscribe: 0, receive: 0 });
		await client.close();
	});

	test("count messages that a client which does not read has lost", async () => {
		const few = await startBroker({ sysInterval: 0, limits: { clientBuffer: 20_000 } });
		const lazy = connectTcp(few.port, "127.0.0.1");
		const subscribed = new Promise<void>((resolve) => few.broker.events.once("subscribed", () => resolve()));
		// CONNECT as "z", then SUBSCRIBE to "t" with QoS 0; what comes back is not read.
		lazy.write(Buffer.from("100d00044d5154540402000000017a820600010001740" + "0", "hex"));
		lazy.pause();
		await subscribed;
		const dropped = new Promise<void>((resolve) => few.broker.events.once("dropped", () => resolve()));
		const client = await connect(few.url);
		let lost = false;
		void dropped.then(() => {
			lost = true;
		});
		while (!lost) await client.mqtt.publishAsync("t", Buffer.alloc(100_000), { qos: 1 });
		expect(few.broker.metrics().publish.dropped.slowClient).toBeGreaterThan(0);
		lazy.destroy();
		await client.close();
		await few.broker.stop();
	});

	test("count messages that found no room in the queue of a session", async () => {
		const few = await startBroker({ sysInterval: 0, limits: { queuedMessages: 2 } });
		const sleeper = await connect(few.url, { clientId: "sleeper", clean: false, protocolVersion: 4 });
		await sleeper.mqtt.subscribeAsync("t", { qos: 1 });
		await sleeper.close();
		const client = await connect(few.url);
		for (const text of ["1", "2", "3"]) await client.mqtt.publishAsync("t", text, { qos: 2 });
		expect(few.broker.metrics().publish.dropped).toEqual({ slowClient: 0, queueFull: 1, memoryFull: 0 });
		await client.close();
		await few.broker.stop();
	});

	test("tell the uptime while the broker runs, and the heap", async () => {
		expect(metrics().uptime).toBeGreaterThan(0);
		const { heap } = metrics();
		expect(heap.maximum).toBeGreaterThanOrEqual(heap.current);
		await started.broker.stop();
		expect(metrics().uptime).toBe(0);
	});
});

const anybody = anonymousAccess(true);

const refusesMallory: AccessControl = {
	...anybody,
	login: async (login) =>
		login.username === "mallory"
			? { ok: false, refusal: "bad-password", reason: "wrong user name or password" }
			: anybody.login(login),
};
