/** Chapter 3.1: CONNECT, without will and session. */

import { expect } from "@jest/globals";
import { bytes, type Part, props, raw } from "../../broker/wire/raw-packet";
import { connectPacket } from "../../helpers/raw-client";
import { both, type Case, type Chapter, five, four } from "../case";
import type { Client } from "../client";
import type { Stage } from "../stage";
import { user } from "../users";

/** CONNECT from its parts; properties and will properties are added where the version has them. */
function connectBytes(stage: Stage, flags: number, ...payload: readonly Part[]): Buffer {
	return raw(0x10, "MQTT", stage.version, flags, 0, 60, stage.v5 ? [0] : [], ...payload);
}

/** The broker closes; MQTT 5 may be told by a CONNACK with one of the codes, 3.1.1 hears nothing. */
async function rejects(stage: Stage, client: Client, ...codes: readonly number[]): Promise<void> {
	await client.closed();
	const answers = client.raw.inbox.map((packet) => (packet.cmd === "connack" ? packet.reasonCode : packet.cmd));
	if (!stage.v5) expect(answers).toEqual([]);
	else for (const answer of answers) expect(codes).toContain(answer);
}

/** The CONNECT conforms not: it is refused, and nothing behind it is looked at. */
function malformed(name: string, v311: string, v5: string, packet: (stage: Stage) => Buffer): Case {
	return both(name, v311, v5, async (stage) => {
		const client = await stage.open();
		client.send(packet(stage));
		await rejects(stage, client, 0x81, 0x82);
	});
}

const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

export const connect: Chapter = {
	title: "3.1 CONNECT",
	cases: [
		...(
			[
				["PINGREQ", () => raw(0xc0)],
				["PUBLISH", (stage: Stage) => raw(0x30, "t", stage.v5 ? [0] : [], "x")],
				["DISCONNECT", () => raw(0xe0)],
			] as const
		).map(([what, packet]) =>
			both(
				`${what} in place of CONNECT closes the connection without an answer`,
				"3.1.0-1",
				"3.1.0-1",
				async (stage) => {
					const client = await stage.open();
					client.send(packet(stage));
					await client.closed();
					expect(client.raw.inbox).toEqual([]);
				},
			),
		),
		both("a second CONNECT closes the connection", "3.1.0-2 4.8.0-1", "3.1.0-2 4.13.1-1", async (stage) => {
			const clientId = stage.id();
			const client = await stage.login({ clientId });
			client.send(connectPacket(stage.version, { clientId }));
			await stage.refuses(client, 0x82);
		}),
		both("another protocol name closes the connection", "3.1.2-1", "3.1.2-1", async (stage) => {
			const client = await stage.open();
			client.send(raw(0x10, "MQTX", stage.version, 2, 0, 60, stage.v5 ? [0] : [], stage.id()));
			await rejects(stage, client, 0x84);
		}),
		four("a protocol level that does not exist gets return code 1", "3.1.2-2 3.2.2-4 3.2.2-5", async (stage) => {
			const client = await stage.open();
			client.send(raw(0x10, "MQTT", 9, 2, 0, 60, stage.id()));
			await client.closed();
			// Also in the form of MQTT 5: 3.1.1 can't know which one the client reads.
			const answer = client.bytes.toString("hex");
			expect(["20020001", "2003008400"]).toContain(answer);
		}),
		five(
			"a protocol version that does not exist gets a refusal and the end of the connection",
			"3.1.2-2",
			async (stage) => {
				const client = await stage.open();
				client.send(raw(0x10, "MQTT", 6, 2, 0, 60, 0, stage.id()));
				await client.closed();
				expect(["", "20020001", "2003008400"]).toContain(client.bytes.toString("hex"));
			},
		),
		malformed(
			"the reserved flag of CONNECT must be 0",
			"3.1.2-3 3.1.4-1 3.2.2-6",
			"3.1.2-3 3.1.4-1 4.13.2-1",
			(stage) => connectBytes(stage, 0x03, stage.id()),
		),
		malformed("a will QoS without will is refused", "3.1.2-11 3.1.2-13", "3.1.2-11", (stage) =>
			connectBytes(stage, 0x0a, stage.id()),
		),
		malformed("a will QoS of 3 is refused", "3.1.2-14", "3.1.2-12", (stage) =>
			connectBytes(stage, 0x1e, stage.id(), stage.v5 ? [0] : [], stage.topic(), "x"),
		),
		malformed("a will retain without will is refused", "3.1.2-11 3.1.2-15", "3.1.2-13", (stage) =>
			connectBytes(stage, 0x22, stage.id()),
		),
		malformed("a will that the flags announce must be there", "3.1.2-9", "3.1.2-9", (stage) =>
			connectBytes(stage, 0x06, stage.id()),
		),
		malformed("a user name that the flags don't announce is refused", "3.1.2-18", "3.1.2-16", (stage) =>
			connectBytes(stage, 0x02, stage.id(), "ann"),
		),
		malformed("a user name that the flags announce must be there", "3.1.2-19", "3.1.2-17", (stage) =>
			connectBytes(stage, 0x82, stage.id()),
		),
		malformed("a password that the flags don't announce is refused", "3.1.2-20", "3.1.2-18", (stage) =>
			connectBytes(stage, 0x82, stage.id(), "ann", "pw"),
		),
		malformed("a password that the flags announce must be there", "3.1.2-21", "3.1.2-19", (stage) =>
			connectBytes(stage, 0xc2, stage.id(), "ann"),
		),
		four("a password without user name is refused", "3.1.2-22", async (stage) => {
			const client = await stage.open();
			client.send(connectBytes(stage, 0x42, stage.id(), "pw"));
			await rejects(stage, client);
		}),
		five("a password without user name is allowed", "3.1.2-16", async (stage) => {
			const client = await stage.open();
			client.send(connectBytes(stage, 0x42, stage.id(), "token"));
			// The broker here lets everybody in, also with a password that it has no use for.
			expect(await client.expect("connack")).toMatchObject({ reasonCode: 0 });
		}),
		malformed("a client id must be there", "3.1.3-3", "3.1.3-3", (stage) => connectBytes(stage, 0x02)),
		malformed("the fields come in their order, and nothing behind them", "3.1.3-1", "3.1.3-1", (stage) =>
			connectBytes(stage, 0x02, stage.id(), stage.topic(), "x", "ann", "pw"),
		),
		malformed("ill-formed UTF-8 in a client id is refused", "3.1.3-4 1.5.3-1", "3.1.3-4 1.5.4-1", (stage) =>
			connectBytes(stage, 0x02, [0, 2, 0xc3, 0x28]),
		),
		malformed("ill-formed UTF-8 in a will topic is refused", "3.1.3-10", "3.1.3-11", (stage) =>
			connectBytes(stage, 0x06, stage.id(), stage.v5 ? [0] : [], [0, 2, 0xc3, 0x28], "x"),
		),
		malformed("ill-formed UTF-8 in a user name is refused", "3.1.3-11", "3.1.3-12", (stage) =>
			connectBytes(stage, 0x82, stage.id(), [0, 2, 0xc3, 0x28]),
		),
		malformed("NUL in a user name is refused", "1.5.3-2", "1.5.4-2", (stage) =>
			connectBytes(stage, 0x82, stage.id(), [0, 3, 0x61, 0, 0x62]),
		),
		both("client ids of 1 to 23 letters and digits are allowed", "3.1.3-5", "3.1.3-5", async (stage) => {
			const some = [letters.slice(0, 23), letters.slice(23, 46), letters.slice(46), "Z"];
			for (const clientId of some) {
				const { code } = await stage.connect({ clientId });
				expect({ clientId, code }).toEqual({ clientId, code: 0 });
			}
		}),
		both("clients without client id get one each", "3.1.3-6 3.1.3-7", "3.1.3-6", async (stage) => {
			const one = await stage.login({ clientId: "" });
			const other = await stage.login({ clientId: "" });
			await one.ping();
			await other.ping();
			expect([one.raw.isClosed, other.raw.isClosed]).toEqual([false, false]);
		}),
		five("a client id that the broker does not take is refused with 0x85", "3.1.3-8", async (stage) => {
			const { client, connack } = await stage.connect({ clientId: "x".repeat(65_535) });
			// A broker may take any.
			if (connack.reasonCode === 0) return;
			expect(connack.reasonCode).toBe(0x85);
			await client.closed();
		}),
		four("a session that is kept needs a client id", "3.1.3-8 3.1.3-9", async (stage) => {
			const client = await stage.open();
			client.send(raw(0x10, "MQTT", 4, 0, 0, 0, ""));
			expect(await client.expect("connack")).toMatchObject({ returnCode: 2, sessionPresent: false });
			await client.closed();
		}),
		five(
			"the client id that the broker chose is told, and is a client id as any other",
			"3.1.3-7 3.2.2-16",
			async (stage) => {
				const { connack } = await stage.connect({ clientId: "", properties: { sessionExpiryInterval: 60 } });
				const { connack: second } = await stage.connect({ clientId: "" });
				const first = connack.properties?.assignedClientIdentifier ?? "";
				expect(first).toMatch(/./);
				expect(second.properties?.assignedClientIdentifier).not.toBe(first);
				const again = await stage.connect({ clientId: first, clean: false });
				expect(again.connack.sessionPresent).toBe(true);
				expect(again.connack.properties?.assignedClientIdentifier).toBeUndefined();
			},
		),
		both(
			"wrong credentials are refused, and the connection is closed",
			"3.2.2-4 3.2.2-5",
			"3.1.4-2 3.2.2-6 3.2.2-7 3.2.2-8",
			async (stage) => {
				const password = Buffer.from("wrong");
				const { client, connack, code } = await stage.connect({ username: "ann", password }, stage.target.usersPort);
				expect(stage.v5 ? [0x86, 0x87] : [4, 5]).toContain(code);
				expect(connack.sessionPresent).toBe(false);
				await client.closed();
			},
			{ needs: "users" },
		),
		both(
			"what stands behind a refused CONNECT is not looked at",
			"3.1.4-5",
			"3.1.4-6",
			async (stage) => {
				const { usersPort } = stage.target;
				const { username, password } = user;
				const witness = await stage.login({ username, password }, usersPort);
				const topic = `open/${stage.topic()}`;
				await witness.subscribe(topic);
				const client = await stage.open(stage.version, usersPort);
				const publish = raw(0x30, topic, stage.v5 ? [0] : [], "x");
				client.send(connectPacket(stage.version, { clientId: stage.id() }), publish);
				await client.closed();
				await witness.publish(topic, "own");
				expect((await witness.message()).payload.toString()).toBe("own");
			},
			{ needs: "users" },
		),
		both("what stands behind CONNECT in one segment is handled", "3.1.4-4", "3.1.4-5", async (stage) => {
			const client = await stage.open();
			const topic = stage.topic();
			client.send(
				connectPacket(stage.version, { clientId: stage.id() }),
				{ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos: 1 }] },
				{ cmd: "publish", topic, payload: "x", qos: 1, messageId: 2, dup: false, retain: false },
			);
			await client.expect("publish");
			const order = client.bytes[0];
			expect(order).toBe(0x20);
		}),
		both("a packet that comes byte by byte is read as any other", "7.1.1-1", "4.2.0-1", async (stage) => {
			const client = await stage.open();
			const all = bytes(connectBytes(stage, 2, stage.id()), raw(0xc0));
			for (const byte of all) client.raw.socket.write(Buffer.from([byte]));
			await client.expect("connack");
			await client.expect("pingresp");
		}),
		both(
			"a client that is silent for one and a half times its keep alive is closed",
			"3.1.2-24",
			"3.1.2-22 3.2.2-22",
			async (stage) => {
				const client = await stage.login({ keepalive: 1 });
				const code = await client.closed();
				// MQTT 5 may be told.
				if (code !== undefined) expect(code).toBe(0x8d);
			},
			{ slow: true },
		),
		five(
			"a keep alive that has passed is told with 0x8D",
			"4.13.2-1",
			async (stage) => {
				const client = await stage.login({ keepalive: 1 });
				await stage.refuses(client, 0x8d);
			},
			{ slow: true },
		),
		both(
			"any packet keeps a client alive",
			"3.1.2-24",
			"3.1.2-22",
			async (stage) => {
				const client = await stage.login({ keepalive: 3 });
				for (let at = 0; at < 5; at++) {
					await stage.pass(1.2);
					client.send({ cmd: "publish", topic: stage.topic(), payload: "", qos: 0, dup: false, retain: false });
				}
				await client.ping();
			},
			{ slow: true },
		),
		five("receive maximum 0 is refused with 0x82", "3.1.4-1", async (stage) => {
			const client = await stage.open();
			client.send(raw(0x10, "MQTT", 5, 2, 0, 0, props([0x21, 0, 0]), stage.id()));
			await rejects(stage, client, 0x82);
		}),
		five("maximum packet size 0 is refused with 0x82", "3.1.4-1", async (stage) => {
			const client = await stage.open();
			client.send(raw(0x10, "MQTT", 5, 2, 0, 0, props([0x27, 0, 0, 0, 0]), stage.id()));
			await client.closed();
			if (stage.target.explains) expect((await client.expect("connack")).reasonCode).toBe(0x82);
		}),
		five("response information is not given to a client that does not ask", "3.1.2-28", async (stage) => {
			const { connack } = await stage.connect({ properties: { requestResponseInformation: false } });
			expect(connack.properties?.responseInformation).toBeUndefined();
			const { connack: usual } = await stage.connect();
			expect(usual.properties?.responseInformation).toBeUndefined();
		}),
		five("response information begins a topic that the client may use", "", async (stage) => {
			const { client, connack } = await stage.connect({ properties: { requestResponseInformation: true } });
			const start = connack.properties?.responseInformation ?? "";
			expect(start).toMatch(/./);
			await client.subscribe(`${start}/#`);
			await client.publish(`${start}/answer`, "x");
			expect((await client.message()).topic).toBe(`${start}/answer`);
		}),
		five("a DISCONNECT says its reason in words where the client does not object", "", async (stage) => {
			const { client } = await stage.connect({ properties: { requestProblemInformation: true } });
			client.send(raw(0x82, 0, 1, 0, "a#", 0));
			await client.closed();
			if (!stage.target.explains) return;
			const last = client.raw.inbox.at(-1);
			expect(last?.cmd === "disconnect" && last.properties?.reasonString).toMatch(/./);
		}),
		five(
			"no reasons on acknowledgements without problem information",
			"3.1.2-29",
			async (stage) => {
				const { username, password } = user;
				const properties = { requestProblemInformation: false };
				const client = await stage.login({ username, password, properties }, stage.target.usersPort);
				// The inspector looks at what comes.
				await client.subscribe("forbidden");
				await client.publish("forbidden", "x", { qos: 1 });
				await client.publish("forbidden", "x", { qos: 2 });
				await client.unsubscribe("forbidden");
				client.send({ cmd: "pubrel", messageId: 999 });
				await client.ping();
			},
			{ needs: "users" },
		),
	],
};
