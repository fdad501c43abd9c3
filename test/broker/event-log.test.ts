import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { FlowbrokerError } from "../../broker/errors";
import { EventLog } from "../../broker/event-log";
import type { BrokerEventMap } from "../../broker/events";
import { startBroker } from "../helpers/broker";
import { connect } from "../helpers/mqtt-client";

describe("the log of a broker", () => {
	const folder = mkdtempSync(join(tmpdir(), "flowbroker-log-"));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	test("tells who came and went, with the reason", async () => {
		await using server = await startBroker();
		const client = await connect(server.url, { clientId: "lamp" });
		const gone = once(server.broker.events, "clientDisconnected");
		server.broker.disconnect("lamp", "enough");
		await gone;
		client.mqtt.end(true);
		const { entries } = server.broker.log.changes("", 100);
		expect(entries.map(({ kind, text }) => [kind, text])).toEqual(
			expect.arrayContaining([
				["state", "running"],
				["connected", expect.any(String)],
				["disconnected", "enough"],
			]),
		);
	});

	test("tells a refused login once, with the user", async () => {
		await using server = await startBroker({ access: { kind: "users", file: join(folder, "access.json") } });
		await server.broker.users?.addUser("ann", "right");
		const login = { clientId: "stranger", username: "ann", password: "wrong" };
		await expect(connect(server.url, login)).rejects.toThrow();
		const { entries } = server.broker.log.changes("", 100);
		expect(entries.filter(({ clientId }) => clientId === "stranger")).toMatchObject([
			{ kind: "refused", user: "ann", count: 1 },
		]);
	});

	test("tells when a bridge comes up, goes down or loses messages, and not how many wait", () => {
		const events = new EventEmitter<BrokerEventMap>();
		const log = new EventLog();
		log.follow(events);
		const state = {
			id: "b1",
			name: "to the cloud",
			phase: "connected",
			server: "mqtts://cloud:8883",
			protocolVersion: 5,
			rules: 1,
			waiting: 0,
			dropped: 0,
			error: undefined,
		} as const;
		events.emit("bridge", state);
		for (let waiting = 1; waiting < 50; waiting++) events.emit("bridge", { ...state, waiting });
		const error = new FlowbrokerError("CONNECTION_LOST", "The connection was lost.");
		events.emit("bridge", { ...state, phase: "away", error, dropped: 3 });
		expect(log.changes("", 10).entries).toMatchObject([
			{ kind: "bridge", severity: "info", text: "to the cloud: connected, mqtts://cloud:8883" },
			{ kind: "dropped", count: 3 },
			{ kind: "bridge", severity: "error", text: expect.stringContaining("The connection was lost.") },
		]);
	});

	test("tells only what is new since a cursor, and everything to who comes with the cursor of another log", () => {
		const events = new EventEmitter<BrokerEventMap>();
		let now = 1_000;
		const log = new EventLog(() => now);
		log.follow(events);
		events.emit("state", "starting");
		const first = log.changes("", 10);
		expect(first).toMatchObject({ restart: true, more: false, entries: [{ text: "starting" }] });
		now += 10;
		events.emit("state", "running");
		expect(log.changes(first.cursor, 10)).toMatchObject({ restart: false, entries: [{ text: "running" }] });
		expect(log.changes("77.2", 1)).toMatchObject({ restart: true, more: true, entries: [{ text: "starting" }] });
	});

	test("counts what repeats within a minute in place of listing it", () => {
		let now = 1_000;
		const log = new EventLog(() => now);
		for (let times = 0; times < 5_000; times++) log.dropped("slow", null, 2);
		expect(log.changes("", 10).entries).toMatchObject([{ kind: "dropped", clientId: "slow", count: 10_000 }]);
		now += 61_000;
		log.dropped("slow", null, 1);
		expect(log.changes("", 10).entries.map(({ count }) => count)).toEqual([10_000, 1]);
	});

	test("keeps a thousand entries, whatever happens", () => {
		const log = new EventLog();
		for (let at = 0; at < 3_000; at++) log.dropped(`client ${at}`, null, 1);
		const { entries } = log.changes("", 5_000);
		expect(entries.length).toBe(1_000);
		expect(entries.at(-1)?.clientId).toBe("client 2999");
	});
});
