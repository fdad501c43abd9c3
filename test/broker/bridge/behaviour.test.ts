import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { generate, type IConnectPacket, type IPublishPacket, type Packet, parser } from "mqtt-packet";
import { startBroker, type TestBroker } from "../../helpers/broker";
import { freePort } from "../../helpers/free-port";
import { endedAfterEach } from "../../helpers/kept";
import { LookOut } from "../../helpers/look-out";
import { connect, type TestClient } from "../../helpers/mqtt-client";
import { type Changes, isConnected, join } from "./joined";

const keep = endedAfterEach();

const broker = async (options: Record<string, unknown> = {}) => keep(await startBroker(options));
const bridge = async (from: TestBroker, to: number | readonly number[], rules: readonly string[], changes?: Changes) =>
	keep(await join(from, to, rules, changes));

async function client({ url }: TestBroker, filter?: string): Promise<TestClient> {
	const connected = await connect(url, { protocolVersion: 5 });
	keep({ [Symbol.asyncDispose]: () => connected.close() });
	if (filter) await connected.mqtt.subscribeAsync(filter, { qos: 2, rap: true });
	return connected;
}

async function folder(): Promise<string> {
	const made = await mkdtemp(path(tmpdir(), "flowbroker-test-"));
	keep({ [Symbol.asyncDispose]: () => rm(made, { recursive: true, force: true }) });
	return made;
}

/** Resolves when the broker has accepted it. */
function publish({ broker }: TestBroker, topic: string, text: string, retain = false): Promise<void> {
	const message = { topic, payload: Buffer.from(text), qos: 1, retain } as const;
	return new Promise((resolve, reject) => {
		broker.localClient("test").publish(message, (error) => (error ? reject(error) : resolve()));
	});
}

/** What is published from now on, but not what a broker tells of itself. */
function published({ broker }: TestBroker): string[] {
	const arrived: string[] = [];
	broker.events.on("published", ({ topic, payload }) => {
		if (!topic.startsWith("$SYS")) arrived.push(`${topic} ${payload}`);
	});
	return arrived;
}

const kept = ({ broker }: TestBroker, filter = "#") =>
	Object.fromEntries(broker.retained(filter).map(({ topic, payload }) => [topic, payload.toString()]));

/** Resolves when the broker retains that. */
async function keeps(at: TestBroker, wanted: Record<string, string>): Promise<void> {
	const has = () => Object.entries(wanted).every(([topic, text]) => kept(at, topic)[topic] === text);
	if (has()) return;
	await new Promise<void>((resolve) => at.broker.events.on("published", () => has() && resolve()));
}

describe("retained messages", () => {
	test("are made the same on both sides at the first connect; where both have one, the other broker's counts", async () => {
		const [here, there] = [await broker(), await broker()];
		await publish(here, "mine", "h", true);
		await publish(here, "both", "h", true);
		await publish(there, "yours", "t", true);
		await publish(there, "both", "t", true);
		const arrived = published(there);
		await bridge(here, there.port, ["# both 1"]);
		const same = { mine: "h", yours: "t", both: "t" };
		await Promise.all([keeps(here, same), keeps(there, same)]);
		await publish(here, "end", "x", true);
		await keeps(there, { end: "x" });
		expect([kept(here), kept(there)]).toEqual([
			{ ...same, end: "x" },
			{ ...same, end: "x" },
		]);
		// Nothing of its own is sent back to it.
		expect(arrived).toEqual(["mine h", "end x"]);
	});

	test("that changed while the line was down are not overwritten by older ones", async () => {
		const options = { store: { kind: "disk", folder: await folder() } };
		const there = await broker();
		// Marks would hide from the other broker's clients what is sent for nothing.
		const id = { id: "kept", loopGuard: false, link: { clientId: "test.kept" } };
		const first = await broker(options);
		const before = await bridge(first, there.port, ["# both 1"], id);
		await before.until(isConnected);
		await publish(first, "a", "old", true);
		await publish(first, "b", "old", true);
		await publish(first, "c", "same", true);
		await keeps(there, { a: "old", b: "old", c: "same" });
		await before.bridge.stop();
		await publish(there, "a", "new there", true);
		await first.broker.stop();
		const second = await broker(options);
		const arrived = published(there);
		const after = await bridge(second, there.port, ["# both 1"], id);
		await publish(second, "b", "new here", true);
		const same = { a: "new there", b: "new here", c: "same" };
		await Promise.all([keeps(second, same), keeps(there, same)]);
		await after.until(isConnected);
		await publish(second, "d", "end", true);
		await keeps(there, { d: "end" });
		expect(kept(second)).toEqual(kept(there));
		// What has not changed is not sent again.
		expect(arrived).toEqual(["b new here", "d end"]);
	});

	test("are cleared on the other side, too, and leave without flag where that is wanted", async () => {
		const [here, there] = [await broker(), await broker()];
		await bridge(here, there.port, ["a out 1"]);
		await bridge(here, there.port, ["b out 1"], { outgoingRetain: false });
		for (const topic of ["a", "b"]) await publish(here, topic, "x", true);
		await keeps(there, { a: "x" });
		const far = await client(there, "#");
		await publish(here, "b", "", true);
		await publish(here, "a", "", true);
		await far.next(({ topic, text }) => topic === "a" && text === "");
		expect(kept(there)).toEqual({});
	});
});

describe("what crosses", () => {
	test("is nothing below $, unless a rule names it", async () => {
		const [here, there] = [await broker(), await broker()];
		const near = await client(here, "#");
		await near.mqtt.subscribeAsync(["$SYS/#", "$CONTROL/#"]);
		const joined = await bridge(here, there.port, ['# both 1 "" far/', "# in 1", "$CONTROL/x in 1"]);
		await joined.until(isConnected);
		await subscribed(there);
		for (const topic of ["$SYS/secret", "$CONTROL/y", "far/$SYS/secret", "far/$CONTROL/x", "$CONTROL/x", "end"]) {
			await publish(there, topic, "x");
		}
		await near.next(({ topic }) => topic === "end");
		const topics = near.received.map(({ topic }) => topic).filter((topic) => !topic.startsWith("$SYS/broker/"));
		expect(topics).toEqual(["$CONTROL/x", "end"]);
	});

	test("keeps the properties of MQTT 5", async () => {
		const [here, there] = [await broker(), await broker()];
		const far = await client(there, "#");
		const joined = await bridge(here, there.port, ["# out 1"]);
		await joined.until(isConnected);
		const near = await client(here);
		const properties = {
			contentType: "text/plain",
			responseTopic: "answer",
			correlationData: Buffer.from("7"),
			payloadFormatIndicator: true,
			userProperties: { site: ["north", "south"] },
		};
		await near.mqtt.publishAsync("x", "y", { qos: 1, properties });
		const { packet } = await far.next();
		expect(packet.properties).toMatchObject({ ...properties, userProperties: { site: ["north", "south"] } });
		expect(Object.keys(packet.properties?.userProperties ?? {})).toEqual(["site", "flowbroker-bridge"]);
	});

	test("comes in as a user, who may do what the rules of access say", async () => {
		const access = { kind: "users", file: path(await folder(), "access.json") };
		const [here, there] = [await broker({ access }), await broker()];
		const rules = ["publish in/#", "receive out/yes"].map((line) => {
			const [action, filter] = line.split(" ");
			return { effect: "allow", action, filter, priority: 0 } as never;
		});
		await here.broker.users?.addUser("far", null, { rules });
		const arrived: string[] = [];
		here.broker.events.on("published", ({ topic }) => topic.startsWith("$") || arrived.push(topic));
		const far = await client(there, "out/#");
		const joined = await bridge(here, there.port, ["# both 1"], { user: "far" });
		await joined.until(isConnected);
		await subscribed(there);
		for (const topic of ["no/1", "in/1"]) await publish(there, topic, "x");
		for (const topic of ["out/no", "out/yes"]) await publish(here, topic, "x");
		await far.next(({ topic }) => topic === "out/yes");
		await joined.until(({ dropped }) => dropped === 1);
		expect(far.received.map(({ topic }) => topic)).toEqual(["out/yes"]);
		expect(arrived.filter((topic) => !topic.startsWith("out/"))).toEqual(["in/1"]);
		expect(joined.bridge.state.error?.message).toMatch(/"no\/1" did not cross the bridge: .* is not allowed/);
	});

	test("is nothing for a user who does not exist", async () => {
		const access = { kind: "users", file: path(await folder(), "access.json") };
		const joined = await bridge(await broker({ access }), 1, ["# both 1"], { user: "nobody" });
		expect((await joined.until(({ phase }) => phase === "ended")).error?.code).toBe("USER_UNKNOWN");
	});
});

describe("notifications", () => {
	const notifications = { topic: "bridge/state", localOnly: false };

	test("tell both brokers whether the bridge is connected, also when it is cut", async () => {
		const [here, there] = [await broker(), await broker()];
		const joined = await bridge(here, there.port, ["x out 0"], { notifications });
		await Promise.all([here, there].map((one) => keeps(one, { "bridge/state": "1" })));
		const far = await client(there, "bridge/state");
		there.broker.disconnect(`test.${joined.bridge.state.id}`);
		await far.count(3);
		expect(far.received.map(({ text }) => text)).toEqual(["1", "0", "1"]);
		await joined.until(isConnected);
		await joined.bridge.stop();
		await Promise.all([here, there].map((one) => keeps(one, { "bridge/state": "0" })));
	});

	test("tell only the broker here where that is wanted", async () => {
		const [here, there] = [await broker(), await broker()];
		await bridge(here, there.port, ["x out 0"], { notifications: { ...notifications, localOnly: true } });
		await keeps(here, { "bridge/state": "1" });
		expect(kept(there)).toEqual({});
	});
});

describe("a lazy bridge", () => {
	test("connects when enough messages wait, and leaves when nothing crosses", async () => {
		const [here, there] = [await broker(), await broker()];
		const far = await client(there, "#");
		const joined = await bridge(here, there.port, ["# out 1"], { start: "lazy", startThreshold: 3, idleTimeout: 50 });
		for (const text of ["1", "2"]) await publish(here, "x", text);
		expect(joined.bridge.state).toMatchObject({ phase: "idle", waiting: 2 });
		await publish(here, "x", "3");
		await far.count(3);
		await joined.until(({ phase }) => phase === "idle");
		for (const text of ["4", "5", "6"]) await publish(here, "x", text);
		await far.count(6);
		expect(far.received.map(({ text }) => text)).toEqual(["1", "2", "3", "4", "5", "6"]);
	});
});

test("a bridge that connects once does not come back after a loss", async () => {
	const [here, there] = [await broker(), await broker()];
	const joined = await bridge(here, there.port, ["# out 1"], { start: "once" });
	await joined.until(isConnected);
	there.broker.disconnect(`test.${joined.bridge.state.id}`);
	await joined.until(({ phase }) => phase === "ended");
	expect(joined.states.filter(({ phase }) => phase === "connecting")).toHaveLength(1);
});

test("the next address is taken when the first does not answer, and the first again when it is back", async () => {
	const [here, second, port] = [await broker(), await broker(), await freePort()];
	const joined = await bridge(here, [port, second.port], ["# out 1"]);
	expect(await joined.until(isConnected)).toMatchObject({ server: `127.0.0.1:${second.port}` });
	const first = await broker({ listeners: [{ port }] });
	const far = await client(first, "#");
	await joined.until((state) => isConnected(state) && state.server === `127.0.0.1:${port}`);
	await publish(here, "x", "y");
	await far.next();
	expect(second.broker.clients()).toEqual([]);
});

test("a bridge that was away while its broker went on has nothing old on the other side when it is back", async () => {
	const [here, there] = [await broker(), await broker()];
	const id = { id: "back", link: { clientId: "test.back" } };
	const before = await bridge(here, there.port, ["# out 1"], id);
	await publish(here, "x", "old", true);
	await keeps(there, { x: "old" });
	await before.bridge.stop();
	await publish(here, "x", "new", true);
	await bridge(here, there.port, ["# out 1"], id);
	await keeps(there, { x: "new" });
});

test("what waits outlives a bridge with other settings", async () => {
	const [here, port] = [await broker(), await freePort()];
	const first = await bridge(here, port, ["# out 1"], { id: "same" });
	await publish(here, "x", "y");
	await first.bridge.stop();
	const there = await broker({ listeners: [{ port }] });
	const far = await client(there, "#");
	await bridge(here, port, ["# out 2"], { id: "same" });
	expect((await far.next()).text).toBe("y");
});

test("two bridges of one broker must not have the same id", async () => {
	const here = await broker();
	await bridge(here, 1, ["# out 1"], { id: "twin" });
	await expect(join(here, 1, ["# out 1"], { id: "twin" })).rejects.toMatchObject({
		code: "OPTION_INVALID",
		message: expect.stringContaining('the id "twin" already'),
	});
});

test("the broker may stop and start again below its bridge", async () => {
	const [here, there] = [await broker(), await broker()];
	const joined = await bridge(here, there.port, ["# out 1"]);
	await joined.until(isConnected);
	await here.broker.stop();
	await joined.until(({ phase }) => phase === "stopped");
	await here.broker.start();
	await joined.until(isConnected);
	const far = await client(there, "#");
	await publish(here, "x", "y");
	await far.next();
});

test("two brokers with a bridge to each other give each message once", async () => {
	const [one, other] = [await broker(), await broker()];
	await (await bridge(one, other.port, ["# both 1"])).until(isConnected);
	await (await bridge(other, one.port, ["# both 1"])).until(isConnected);
	await Promise.all([subscribed(one), subscribed(other)]);
	const clients = [await client(one, "t/#"), await client(other, "t/#")];
	for (let at = 0; at < 100; at++) await publish(at % 2 ? one : other, "t/x", String(at), true);
	await publish(one, "t/end", "end");
	await publish(other, "t/end", "end");
	for (const { next, count, received } of clients) {
		await next(({ topic }) => topic === "t/end");
		await count(102);
		expect(received).toHaveLength(102);
	}
});

async function subscribed({ broker }: TestBroker): Promise<void> {
	const done = () =>
		broker.clients().some(({ id, subscriptions }) => id.startsWith("test.") && subscriptions.length > 0);
	if (done()) return;
	await new Promise<void>((resolve) => broker.events.on("subscribed", () => done() && resolve()));
}

/** A broker of MQTT 3 that sends everything back to everybody, where it echoes, and does with CONNECT what it is told. */
async function echoing(answer: (packet: IConnectPacket & { bridgeMode?: boolean }) => number | "close", echoes = true) {
	const connects: { version: number | undefined; bit: boolean }[] = [];
	const published: string[] = [];
	const lookOut = new LookOut();
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		const reader = parser();
		const send = (packet: Packet) => socket.write(generate(packet));
		reader.on("packet", (packet: Packet) => {
			if (packet.cmd === "connect") {
				const { protocolVersion, bridgeMode = false } = packet as IConnectPacket & { bridgeMode?: boolean };
				connects.push({ version: protocolVersion, bit: bridgeMode });
				const code = answer(packet as IConnectPacket);
				if (code === "close") socket.destroy();
				else send({ cmd: "connack", returnCode: code, sessionPresent: false });
			} else if (packet.cmd === "subscribe") {
				send({ cmd: "suback", messageId: packet.messageId ?? 0, granted: packet.subscriptions.map(({ qos }) => qos) });
			} else if (packet.cmd === "pingreq") {
				send({ cmd: "pingresp" });
			} else if (packet.cmd === "publish") {
				const { topic, payload, qos, messageId } = packet as IPublishPacket;
				published.push(`${topic} ${payload}`);
				lookOut.changed();
				if (qos === 1) send({ cmd: "puback", messageId: messageId ?? 0 });
				if (!echoes) return;
				for (const one of sockets)
					one.write(generate({ cmd: "publish", topic, payload, qos: 0, dup: false, retain: false }));
			}
		});
		reader.on("error", () => socket.destroy());
		socket.on("data", (chunk) => reader.parse(chunk));
		socket.on("error", () => {});
		socket.on("close", () => sockets.delete(socket));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	keep({
		[Symbol.asyncDispose]: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	});
	return {
		port: (server.address() as { port: number }).port,
		connects,
		published,
		until: (count: number) => lookOut.until(() => (published.length >= count ? published : undefined)),
		hangUp: () => {
			for (const socket of sockets) socket.destroy();
		},
		/** As another client would. */
		say: (topic: string, payload: string) => {
			for (const socket of sockets)
				socket.write(generate({ cmd: "publish", topic, payload, qos: 0, dup: false, retain: false }));
		},
	};
}

describe("a broker that does not speak MQTT 5", () => {
	test.each([
		["refuses it, and the sign of a bridge, with a code", 1],
		["closes without a word", "close"],
	] as const)("and %s is asked in another version, and its echoes are recognised", async (_how, refusal) => {
		const other = await echoing(({ protocolVersion, bridgeMode }: IConnectPacket & { bridgeMode?: boolean }) =>
			protocolVersion === 5 || bridgeMode ? refusal : 0,
		);
		const here = await broker();
		const near = await client(here, "#");
		const joined = await bridge(here, other.port, ["# both 1"]);
		await joined.until(isConnected);
		expect(other.connects).toEqual([
			{ version: 5, bit: false },
			{ version: 4, bit: true },
			{ version: 4, bit: false },
		]);
		for (const text of ["1", "2", "2", "3"]) await publish(here, "x", text);
		await other.until(4);
		other.say("x", "2");
		other.say("end", "");
		await near.next(({ topic }) => topic === "end");
		expect(near.received.map(({ text }) => text)).toEqual(["1", "2", "2", "3", "2", ""]);
		expect(other.published).toEqual(["x 1", "x 2", "x 2", "x 3"]);
	});

	test("and takes the sign of a bridge, but echoes nevertheless, is found out after a few messages, for good", async () => {
		const other = await echoing(({ protocolVersion }) => (protocolVersion === 5 ? 1 : 0));
		const here = await broker();
		const near = await client(here, "#");
		const joined = await bridge(here, other.port, ["# both 1"]);
		await joined.until(isConnected);
		const sentOut = ["1", "2", "3", "4", "5", "6", "7"];
		for (const text of sentOut) await publish(here, "x", text);
		await other.until(sentOut.length);
		other.say("end", "");
		await near.next(({ topic }) => topic === "end");
		const comeBack = ["1", "2", "3", "4"];
		expect(near.received.map(({ text }) => text).sort()).toEqual(["", ...sentOut, ...comeBack].sort());
		expect(other.published).toEqual(sentOut.map((text) => `x ${text}`));

		other.hangUp();
		await joined.until(({ phase }) => phase !== "connected");
		await joined.until(isConnected);
		await publish(here, "x", "8");
		await other.until(sentOut.length + 1);
		other.say("end", "again");
		await near.next(({ text }) => text === "again");
		expect(near.received.filter(({ text }) => text === "8")).toHaveLength(1);
	});

	test("and takes the sign of a bridge, and keeps its word, may say the same as we: nothing of it is lost", async () => {
		const other = await echoing(({ protocolVersion }) => (protocolVersion === 5 ? 1 : 0), false);
		const here = await broker();
		const near = await client(here, "#");
		const joined = await bridge(here, other.port, ["# both 1"]);
		await joined.until(isConnected);
		await publish(here, "button", "pressed");
		await other.until(1);
		other.say("button", "pressed");
		await near.count(2);
		expect(near.received.map(({ text }) => text)).toEqual(["pressed", "pressed"]);
	});
});
