/** Sessions under stress: lost connections, two clients with one name, restarts, a clock that jumps. */

import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { createBroker, parseBrokerOptions } from "../../../broker";
import { RawClient, type Version } from "../../helpers/raw-client";
import { SeededRandom } from "../wire/seeded-random";
import { onEachEngine, publish, subscribe } from "./arena";

const versions = [4, 5] as const;

const lasting = (version: Version, clientId: string) => ({
	clientId,
	clean: false,
	...(version === 5 ? { properties: { sessionExpiryInterval: 3_600 } } : {}),
});

onEachEngine((arena, engine) => {
	describe.each(versions)("sessions (MQTT level %d)", (version) => {
		test("S3 a QoS 2 message that is sent again after a reconnect is delivered once", async () => {
			await using attacked = await arena();
			const reader = await RawClient.login(attacked.port, version);
			reader.send(subscribe(1, "t"));
			await reader.expect("suback");
			const first = await RawClient.login(attacked.port, version, lasting(version, "sender"));
			first.send(publish("t", 2, { payload: "once" }));
			await first.expect("pubrec");
			first.drop();
			await attacked.departure("sender");
			const again = await RawClient.login(attacked.port, version, lasting(version, "sender"));
			again.send(publish("t", 2, { payload: "once", dup: true }));
			await again.expect("pubrec");
			again.send({ cmd: "pubrel", messageId: 1 }, { cmd: "pubrel", messageId: 1 });
			await again.count("pubcomp", 2);
			again.send(publish("t", 2, { payload: "another" }));
			await again.expect("pubrec");
			await reader.count("publish", 2);
			await reader.ping();
			const texts = reader.inbox.map((packet) => packet.cmd === "publish" && packet.payload.toString());
			expect(texts).toEqual(["once", "another"]);
		});

		test("S3 a packet identifier that a session left unreleased does not swallow a message after a clean start", async () => {
			await using attacked = await arena();
			const reader = await RawClient.login(attacked.port, version);
			reader.send(subscribe(1, "t"));
			await reader.expect("suback");
			for (const payload of ["before", "after"]) {
				const sender = await RawClient.login(attacked.port, version, { clientId: "sender", clean: true });
				sender.send(publish("t", 2, { payload }));
				await sender.expect("pubrec");
				sender.drop();
				await reader.expect("publish", (packet) => packet.payload.toString() === payload);
			}
		});

		test("S4 who takes over a client id ends the older connection, with one will and no message twice", async () => {
			await using attacked = await arena();
			const watcher = await RawClient.login(attacked.port, version, { clientId: "watcher" });
			watcher.send(subscribe(1, "will/#"));
			await watcher.expect("suback");
			const will = { topic: "will/twin", payload: Buffer.from("gone"), qos: 1 as const, retain: false };
			const older = await RawClient.login(attacked.port, version, { ...lasting(version, "twin"), will });
			older.send(subscribe(1, "t"));
			await older.expect("suback");
			const newer = await RawClient.login(attacked.port, version, { ...lasting(version, "twin"), will });
			await older.closed();
			if (version === 5) expect(older.inbox).toMatchObject([{ cmd: "disconnect", reasonCode: 0x8e }]);
			expect(await attacked.departure("twin")).toBe("another connection with the same client id took over");
			await watcher.expect("publish");
			watcher.send(publish("t", 1, { payload: "hello" }));
			await newer.expect("publish");
			await newer.ping();
			await watcher.ping();
			expect(newer.inbox.filter(({ cmd }) => cmd === "publish")).toEqual([]);
			expect(watcher.inbox.filter(({ cmd }) => cmd === "publish")).toEqual([]);
			await attacked.serves();
		});

		test("S5 a storm of connections with one client id leaves one client, and it is served", async () => {
			await using attacked = await arena();
			const random = new SeededRandom(version);
			const storm: RawClient[] = [];
			for (let round = 0; round < 300; round++) {
				const client = await RawClient.open(attacked.port, version);
				storm.push(client);
				const clean = random.below(3) === 0;
				client.send({ ...connectOf(version), ...lasting(version, "storm"), clean } as never);
				if (random.below(2) === 0) client.send(subscribe(1, "a", "b/#", `c/${random.below(5)}`));
				if (random.below(3) === 0) client.send({ cmd: "unsubscribe", messageId: 2, unsubscriptions: ["a", "b/#"] });
				for (let pause = random.below(4); pause > 0; pause--) await new Promise((resolve) => setImmediate(resolve));
				if (random.below(3) === 0) client.drop();
			}
			await attacked.serves();
			const last = await RawClient.login(attacked.port, version, lasting(version, "storm"));
			await Promise.all(storm.map((client) => client.closed()));
			last.send(subscribe(1, "t"));
			await last.expect("suback");
			last.send(publish("t", 1));
			await last.expect("publish");
			expect(
				attacked.broker
					.clients()
					.map(({ id }) => id)
					.sort(),
			).toEqual(["storm", "witness"]);
			last.drop();
			await attacked.serves();
			expect(attacked.faults).toEqual([]);
		});
	});

	describe("the life of a broker", () => {
		test("S6 a thousand starts and stops leave nothing behind", async () => {
			const broker = createBroker(parseBrokerOptions({ listeners: [{ port: 0 }] }), { engine });
			const cycle = async () => {
				await broker.start();
				await broker.stop();
			};
			for (let warm = 0; warm < 5; warm++) await cycle();
			const handles = openHandles();
			const listeners = process.eventNames().map((name) => process.listenerCount(name));
			for (let round = 0; round < 1_000; round++) await cycle();
			// Closed ports are freed at the end of a turn of the event loop.
			for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
			// Connections of the tests before may have gone in the meantime.
			expect(openHandles().length).toBeLessThanOrEqual(handles.length);
			expect(process.eventNames().map((name) => process.listenerCount(name))).toEqual(listeners);
			expect(broker.state).toBe("stopped");
		});

		test("S6 a stop and start keeps the sessions of clients and what waits for them", async () => {
			await using attacked = await arena();
			const { broker } = attacked;
			const client = await RawClient.login(attacked.port, 4, lasting(4, "kept"));
			client.send(subscribe(1, "t"));
			await client.expect("suback");
			await broker.stop();
			await client.closed();
			await broker.start();
			const port = broker.listeners[0]?.port as number;
			const publisher = await RawClient.login(port, 5);
			publisher.send(publish("t", 1, { payload: "missed" }));
			await publisher.expect("puback");
			const again = await RawClient.login(port, 4, lasting(4, "kept"));
			expect((await again.expect("publish")).payload.toString()).toBe("missed");
			for (const one of [publisher, again]) one.drop();
		});
	});

	describe("a clock that jumps", () => {
		afterEach(() => {
			jest.restoreAllMocks();
		});

		test.each([
			["ahead", 365],
			["back", -365],
		])("S7 a year %s keeps clients, sessions and messages without expiry", async (_way, days) => {
			await using attacked = await arena();
			const sleeper = await RawClient.login(attacked.port, 5, lasting(5, "sleeper"));
			sleeper.send(subscribe(1, "t"));
			await sleeper.expect("suback");
			sleeper.drop();
			await attacked.departure("sleeper");
			const client = await RawClient.login(attacked.port, 5, { clientId: "awake", keepalive: 1 });
			client.send(publish("t", 1, { payload: "kept", retain: true }));
			await client.expect("puback");
			const now = Date.now();
			jest.spyOn(Date, "now").mockImplementation(() => now + days * 86_400_000);
			await client.ping();
			await attacked.serves();
			const again = await RawClient.login(attacked.port, 5, lasting(5, "sleeper"));
			expect((await again.expect("publish")).payload.toString()).toBe("kept");
			again.send(subscribe(2, "t"));
			expect((await again.expect("publish")).retain).toBe(true);
			expect(attacked.departures.map(({ id }) => id)).toEqual(["sleeper"]);
			expect(attacked.faults).toEqual([]);
		});
	});
});

/** Kinds of handles that keep a process running, without the ones of the test itself. */
function openHandles(): string[] {
	return process
		.getActiveResourcesInfo()
		.filter((kind) => kind !== "Immediate" && kind !== "TickObject")
		.sort();
}

function connectOf(version: Version) {
	return { cmd: "connect", protocolId: "MQTT", protocolVersion: version, keepalive: 0 };
}
