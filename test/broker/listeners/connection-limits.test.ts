import { describe, expect, test } from "@jest/globals";
import { Gate, isRefusal, type Pass } from "../../../broker/listeners/gate";
import type { Refusal } from "../../../broker/listeners/listener";
import { RefusalLog } from "../../../broker/listeners/refusal-log";
import { connect } from "../../helpers/mqtt-client";
import { connectPacket, nextRefusal, type RunningBroker, run, type ToldRefusal, WELCOME, wire } from "./running";

const behind = { port: 0, proxyProtocol: { trusted: ["127.0.0.1"] } };

/** A client that a trusted proxy says comes from `address`; it does not send its CONNECT yet. */
async function from(running: RunningBroker, address: string) {
	const client = await wire(running.port("tcp"));
	client.socket.write(`PROXY TCP4 ${address} 192.0.2.1 50000 1883\r\n`);
	return client;
}

describe("a broker under a flood of connections", () => {
	test("closes those over the limit of a listener at once, and takes new ones when others left", async () => {
		await using running = await run({ listeners: [{ port: 0, maxConnections: 2 }] });
		const url = `mqtt://127.0.0.1:${running.port("tcp")}`;
		const first = await connect(url);
		const second = await connect(url);
		const refusal = nextRefusal(running.broker);
		const third = await wire(running.port("tcp"));
		await third.ended;
		expect(await refusal).toMatchObject({
			listener: "tcp",
			address: "127.0.0.1",
			reason: "all 2 connections of this listener are in use",
		});
		const left = new Promise((resolve) => running.broker.events.once("clientDisconnected", resolve));
		await first.close();
		await left;
		const fourth = await connect(url);
		await fourth.close();
		await second.close();
	});

	test("M4 lets clients in although all connections are taken by those that never log in", async () => {
		await using running = await run({ listeners: [{ port: 0 }], limits: { connections: 20 } });
		const silent = await Promise.all(Array.from({ length: 60 }, () => wire(running.port("tcp"))));
		const client = await connect(`mqtt://127.0.0.1:${running.port("tcp")}`, { clientId: "let in" });
		expect(running.broker.clients()).toMatchObject([{ id: "let in" }]);
		// Only as many stay as there is room for.
		await Promise.all(silent.slice(0, 41).map(({ ended }) => ended));
		await client.close();
	});

	test("tells once of each that had to make room during its handshake", async () => {
		const running = await run({ listeners: [{ kind: "ws", port: 0 }], limits: { connections: 1 } });
		const told: ToldRefusal[] = [];
		running.broker.events.on("clientRefused", (refusal) => told.push(refusal));
		const first = await wire(running.port("ws"));
		const client = await connect(`ws://127.0.0.1:${running.port("ws")}`);
		await first.ended;
		await client.close();
		await running[Symbol.asyncDispose]();
		expect(told.map(({ reason }) => reason)).toEqual(["was too slow to log in, and others wait"]);
	});

	test("closes new connections when all are logged in", async () => {
		await using running = await run({ listeners: [{ port: 0 }], limits: { connections: 1 } });
		const client = await connect(`mqtt://127.0.0.1:${running.port("tcp")}`);
		const refusal = nextRefusal(running.broker);
		const late = await wire(running.port("tcp"));
		await late.ended;
		expect((await refusal).reason).toBe("all 1 connections of this broker are in use (limits.connections)");
		await client.close();
	});

	test("M5 bounds the connections of one address, and serves another", async () => {
		await using running = await run({ listeners: [behind], anonymous: true, limits: { connectionsPerAddress: 3 } });
		const greedy = await Promise.all(Array.from({ length: 3 }, () => from(running, "203.0.113.9")));
		for (const [at, client] of greedy.entries()) {
			client.socket.write(connectPacket(`greedy ${at}`));
			expect(await client.bytes(4)).toEqual(WELCOME);
		}
		const refusal = nextRefusal(running.broker);
		const fourth = await from(running, "203.0.113.9");
		expect((await fourth.ended).length).toBe(0);
		expect((await refusal).reason).toContain("this address has 3 connections already (limits.connectionsPerAddress)");
		const other = await from(running, "203.0.113.10");
		other.socket.write(connectPacket("other"));
		expect(await other.bytes(4)).toEqual(WELCOME);
	});

	test("M5 tells of a flood in few events, with their number", async () => {
		const running = await run({ listeners: [{ port: 0, maxConnections: 1 }] });
		const told: ToldRefusal[] = [];
		running.broker.events.on("clientRefused", (refusal) => told.push(refusal));
		const client = await connect(`mqtt://127.0.0.1:${running.port("tcp")}`);
		const flood = await Promise.all(Array.from({ length: 50 }, () => wire(running.port("tcp"))));
		await Promise.all(flood.map(({ ended }) => ended));
		await client.close();
		await running[Symbol.asyncDispose]();
		const counts = told.filter(({ reason }) => reason.includes("of this listener")).map(({ count }) => count);
		expect(counts).toEqual([1, 49]);
	});
});

describe("the gate", () => {
	const limits = { connections: 3, connectionsPerAddress: 100, connectRate: 2 };
	const pass = (gate: Gate, close = () => {}): Pass => {
		const answer = gate.enter(close);
		if (isRefusal(answer)) throw new Error(answer.reason);
		return answer;
	};

	test("counts new connections of one address in each second, not those of this machine", () => {
		let now = 5_000;
		const gate = new Gate({ ...limits, connections: 100 }, () => now);
		const come = (address: string) => pass(gate).come(address)?.limit;
		expect(Array.from({ length: 3 }, () => come("192.0.2.1"))).toEqual([undefined, undefined, "connectRate"]);
		expect(come("::ffff:192.0.2.1")).toBe("connectRate");
		expect(come("192.0.2.2")).toBeUndefined();
		expect(["2001:db8::1", "2001:db8::2", "2001:db8::3"].map(come)).toEqual([undefined, undefined, "connectRate"]);
		for (const own of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
			expect(Array.from({ length: 3 }, () => come(own))).toEqual([undefined, undefined, undefined]);
		}
		now += 1_000;
		expect(come("192.0.2.1")).toBeUndefined();
	});

	test("makes room by closing who has waited longest, once, and never who is logged in", () => {
		const gate = new Gate(limits);
		const closed: string[] = [];
		const peer = { address: "192.0.2.1", port: 1, listener: "tcp" };
		gate.belongs(
			pass(gate, () => closed.push("logged in")),
			peer,
		);
		gate.loggedIn(peer);
		pass(gate, () => closed.push("oldest"));
		pass(gate, () => closed.push("younger"));
		pass(gate);
		expect(closed).toEqual(["oldest"]);
	});

	test("forgets those that left", () => {
		const gate = new Gate({ ...limits, connectionsPerAddress: 1, connectRate: 100 });
		for (let round = 0; round < 10; round++) {
			const one = pass(gate);
			expect(one.come("192.0.2.1")).toBeUndefined();
			one.leave();
			one.leave();
		}
	});
});

test("refusals are told one by one for each listener and kind, and then in sums", async () => {
	const told: Refusal[] = [];
	let counted = 0;
	const log = new RefusalLog(
		(refusal) => told.push(refusal),
		() => counted++,
	);
	for (const address of ["a", "b", "c"]) log.add("tcp", "connectRate", address, "too fast");
	log.add("tcp", "tls", "a", "no TLS");
	log.add("lan", "tls", "a", "no TLS");
	expect(told.map(({ listener, address, count }) => [listener, address, count])).toEqual([
		["tcp", "a", 1],
		["tcp", "a", 1],
		["lan", "a", 1],
	]);
	expect(counted).toBe(5);
	log.close();
	expect(told.at(-1)).toEqual({ listener: "tcp", address: "c", reason: "too fast", count: 2 });
});
