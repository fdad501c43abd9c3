import { describe, expect, test } from "@jest/globals";
import { ClientHistory } from "../../../broker/client-history";
import type { EngineClient } from "../../../broker/engine/engine";
import { Traffic } from "../../../broker/engine/traffic";
import { startBroker, type TestBroker } from "../../helpers/broker";
import { connect } from "../../helpers/mqtt-client";

/** A client comes, does something and goes. */
async function visit({ url, broker }: TestBroker, clientId: string, messages: number): Promise<void> {
	const client = await connect(url, { clientId, protocolVersion: 5 });
	for (let sent = 0; sent < messages; sent++) await client.mqtt.publishAsync("t", "x", { qos: 1 });
	const left = new Promise<void>((resolve) => broker.events.once("clientDisconnected", () => resolve()));
	await client.close();
	await left;
}

describe("the history of clients", () => {
	test("tells who left last, when and why, and what it had sent", async () => {
		const started = await startBroker();
		const before = Date.now();
		await visit(started, "first", 0);
		await visit(started, "second", 2);
		const [second, first] = started.broker.history();
		expect(first?.id).toBe("first");
		expect(second).toMatchObject({
			id: "second",
			user: null,
			address: "127.0.0.1",
			listener: "tcp",
			protocolVersion: 5,
			reason: "the client disconnected",
			traffic: { messagesIn: 2, messagesOut: 0 },
		});
		expect(second?.connectedAt).toBeGreaterThanOrEqual(before);
		expect(second?.disconnectedAt).toBeGreaterThanOrEqual(second?.connectedAt ?? Number.POSITIVE_INFINITY);
		await started.broker.stop();
	});

	test("has one record of a client that comes and goes", async () => {
		const started = await startBroker();
		for (const id of ["flapping", "other", "flapping", "flapping"]) await visit(started, id, 0);
		expect(started.broker.history().map(({ id }) => id)).toEqual(["flapping", "other"]);
		await started.broker.stop();
	});

	test("forgets the oldest when it is full", () => {
		const history = new ClientHistory(2);
		for (const id of ["a", "b", "a", "c"]) history.left(client(id), "gone", 0);
		expect(history.list().map(({ id }) => id)).toEqual(["c", "a"]);
	});
});

function client(id: string): EngineClient {
	return {
		id,
		access: { user: null } as EngineClient["access"],
		peer: { address: "127.0.0.1", port: 1, listener: "tcp" },
		protocolVersion: 4,
		keepalive: 0,
		clean: true,
		connectedAt: 0,
		traffic: new Traffic(),
		subscriptions: () => [],
	};
}
