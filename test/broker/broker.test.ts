import { createServer } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { createBroker, parseBrokerOptions } from "../../broker";
import { startBroker } from "../helpers/broker";
import { connect } from "../helpers/mqtt-client";

describe("a broker", () => {
	test("frees its port when it stops, and can be started again", async () => {
		const { broker, port } = await startBroker();
		await broker.stop();
		const again = createBroker(parseBrokerOptions({ listeners: [{ port }] }));
		await again.start();
		expect(again.listeners[0]).toMatchObject({ up: true, port });
		await again.stop();
		await again.start();
		const client = await connect(`mqtt://127.0.0.1:${port}`);
		await client.close();
		await again.stop();
	});

	test("S10 says in one sentence that a port is in use, serves its other listeners, and takes the port when it is free", async () => {
		const other = createServer();
		await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
		const { port } = other.address() as { port: number };
		const broker = createBroker(
			parseBrokerOptions({
				listeners: [
					{ name: "taken", port },
					{ name: "free", port: 0 },
				],
			}),
		);
		await broker.start();
		const [taken, free] = broker.listeners;
		expect(taken).toMatchObject({ up: false, error: { code: "PORT_IN_USE" } });
		expect(taken?.error?.message).toContain(`Port ${port} on 127.0.0.1 is already in use`);
		const client = await connect(`mqtt://127.0.0.1:${free?.port}`);
		await client.close();
		const up = new Promise<void>((resolve) =>
			broker.events.on("listener", (state) => {
				if (state.name === "taken" && state.up) resolve();
			}),
		);
		await new Promise<void>((resolve) => other.close(() => resolve()));
		await up;
		expect(broker.listeners[0]).toMatchObject({ up: true, port });
		await broker.stop();
	});

	test("stops cleanly when it is told to during its start", async () => {
		const broker = createBroker(parseBrokerOptions({ listeners: [{ port: 0 }] }));
		const started = broker.start();
		await broker.stop();
		await started;
		expect(broker.state).toBe("stopped");
		expect(broker.listeners[0]?.up).toBe(false);
	});

	test("tells who connected, subscribed and left, and why", async () => {
		const { broker, url } = await startBroker();
		const told: unknown[][] = [];
		broker.events.on("clientConnected", ({ id, protocolVersion }) => told.push(["connected", id, protocolVersion]));
		broker.events.on("subscribed", ({ id }, subscriptions) => told.push(["subscribed", id, subscriptions]));
		const left = new Promise<void>((resolve) =>
			broker.events.on("clientDisconnected", ({ id }, reason) => {
				told.push(["left", id, reason]);
				if (told.filter(([what]) => what === "left").length === 2) resolve();
			}),
		);
		const polite = await connect(url, { clientId: "polite", protocolVersion: 5 });
		await polite.mqtt.subscribeAsync("a/#", { qos: 1 });
		await polite.close();
		const lost = await connect(url, { clientId: "lost", protocolVersion: 4 });
		expect(broker.clients()).toMatchObject([{ id: "lost", address: "127.0.0.1", user: null }]);
		await lost.drop();
		await left;
		expect(told).toEqual([
			["connected", "polite", 5],
			["subscribed", "polite", [{ filter: "a/#", qos: 1 }]],
			["left", "polite", "the client disconnected"],
			["connected", "lost", 4],
			["left", "lost", expect.stringMatching(/^the (client closed the connection|connection was lost)/)],
		]);
		await broker.stop();
	});

	test("refuses clients without user name where anonymous clients are not allowed", async () => {
		const { broker, url } = await startBroker({ anonymous: false });
		await expect(connect(url, { protocolVersion: 4 })).rejects.toThrow("Not authorized");
		await expect(connect(url, { protocolVersion: 5 })).rejects.toThrow("Not authorized");
		await broker.stop();
	});

	test("disconnects a client on demand", async () => {
		const { broker, url } = await startBroker();
		const client = await connect(url, { clientId: "out", protocolVersion: 5 });
		const told = new Promise<number | undefined>((resolve) =>
			client.mqtt.once("disconnect", ({ reasonCode }) => resolve(reasonCode)),
		);
		expect(broker.disconnect("out")).toBe(true);
		expect(await told).toBe(0x98);
		expect(broker.disconnect("nobody")).toBe(false);
		await broker.stop();
	});
});
