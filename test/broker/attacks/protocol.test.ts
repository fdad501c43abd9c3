/** What MQTT forbids a client to send. */

import { describe, expect, test } from "@jest/globals";
import { RawClient } from "../../helpers/raw-client";
import { props, raw } from "../wire/raw-packet";
import { onEachEngine, publish, subscribe } from "./arena";

const versions = [3, 4, 5] as const;
const none = Buffer.alloc(0);

onEachEngine((arena) => {
	/** The packet breaks the rules: MQTT 5 clients are told, all are closed, the witness goes on. */
	async function isRefused(version: 3 | 4 | 5, packet: Buffer, reasonCode: number): Promise<void> {
		await using attacked = await arena();
		const client = await RawClient.login(attacked.port, version, { clientId: "mallory" });
		client.send(packet);
		await client.closed();
		const told = client.inbox.map((one) => [one.cmd, one.cmd === "disconnect" && one.reasonCode]);
		expect(told).toEqual(version === 5 ? [["disconnect", reasonCode]] : []);
		expect(await attacked.departure("mallory")).toMatch(/./);
		expect(await attacked.departure("mallory")).not.toContain("the broker closed the connection");
		await attacked.serves();
		expect(attacked.faults).toEqual([]);
	}

	/** Properties in MQTT 5, nothing before. */
	const noProps = (version: number) => (version === 5 ? props() : none);

	describe.each(versions)("MQTT level %d", (version) => {
		test("P1 a second CONNECT closes the connection", () =>
			isRefused(version, raw(0x10, "MQTT", 4, 2, 0, 0, "again"), 0x82));

		test.each([
			["CONNACK", raw(0x20, 0, 0)],
			["SUBACK", raw(0x90, 0, 1, 0)],
			["UNSUBACK", raw(0xb0, 0, 1)],
			["PINGRESP", raw(0xd0)],
		])("P2 %s, which only a server sends, closes the connection", (_name, packet) => isRefused(version, packet, 0x82));

		test.each([
			["PUBLISH", raw(0x32, "t", 0, 0, noProps(version), "x")],
			["PUBREL", raw(0x62, 0, 0)],
			["PUBACK", raw(0x40, 0, 0)],
			["SUBSCRIBE", raw(0x82, 0, 0, noProps(version), "t", 0)],
			["UNSUBSCRIBE", raw(0xa2, 0, 0, noProps(version), "t")],
		])("P3 %s with packet identifier 0 closes the connection", (_name, packet) => isRefused(version, packet, 0x82));

		test.each([
			["QoS 3", 0x81, raw(0x36, "t", 0, 1, noProps(version), "x")],
			["DUP with QoS 0", 0x82, raw(0x38, "t", noProps(version), "x")],
			["wrong flags of SUBSCRIBE", 0x81, raw(0x80, 0, 1, noProps(version), "t", 0)],
			["flags of PINGREQ", 0x81, raw(0xc1)],
			["the reserved type 0", 0x81, raw(0x00)],
			["SUBSCRIBE to QoS 3", 0x82, raw(0x82, 0, 1, noProps(version), "t", 3)],
		])("P4 %s closes the connection", (_name, reasonCode, packet) =>
			isRefused(version, packet, version === 5 || reasonCode === 0x81 ? reasonCode : 0x81),
		);

		test.each([
			["that is empty", version === 5 ? 0x82 : 0x81, ""],
			["with +", 0x81, "a/+"],
			["with #", 0x81, "#"],
			["with NUL", 0x81, "a\0b"],
			["that is not UTF-8", 0x81, Buffer.from([0, 2, 0xc3, 0x28])],
			["with a surrogate", 0x81, Buffer.from([0, 3, 0xed, 0xa0, 0x80])],
		])("P5 PUBLISH to a topic %s closes the connection", (_name, reasonCode, topic) =>
			isRefused(version, raw(0x30, topic, noProps(version), "x"), reasonCode),
		);

		test.each(["a#", "a+", "+b", "a/+b", "#/a", "", "a\0"])(
			"P6 SUBSCRIBE to the filter %j closes the connection",
			(filter) => isRefused(version, raw(0x82, 0, 1, noProps(version), filter, 0), 0x81),
		);

		test("P6 SUBSCRIBE and UNSUBSCRIBE without a filter close the connection", async () => {
			await isRefused(version, raw(0x82, 0, 1, noProps(version)), 0x82);
			await isRefused(version, raw(0xa2, 0, 1, noProps(version)), 0x82);
		});
	});

	describe("MQTT 5", () => {
		test("P2 AUTH without an agreed method closes the connection", () =>
			isRefused(5, raw(0xf0, 0x18, props([0x15, "SCRAM"])), 0x82));
	});

	describe("keep alive", () => {
		test.each([4, 5] as const)(
			"P7 a client of level %d that is silent for too long is closed and told why",
			async (version) => {
				await using attacked = await arena();
				const client = await RawClient.login(attacked.port, version, { clientId: "silent", keepalive: 1 });
				await client.closed();
				if (version === 5) expect(client.inbox).toMatchObject([{ cmd: "disconnect", reasonCode: 0x8d }]);
				expect(await attacked.departure("silent")).toBe("sent nothing for one and a half times its keep alive");
				await attacked.serves();
			},
		);

		test.each([0, 600])("P7 a keep alive of %d is held to the longest one, and MQTT 5 is told", async (keepalive) => {
			await using attacked = await arena({ keepaliveMax: 1 });
			const five = await RawClient.open(attacked.port, 5);
			five.send(raw(0x10, "MQTT", 5, 2, keepalive >> 8, keepalive & 255, props(), "five"));
			expect(await five.expect("connack")).toMatchObject({ reasonCode: 0, properties: { serverKeepAlive: 1 } });
			const four = await RawClient.login(attacked.port, 4, { clientId: "four", keepalive });
			await Promise.all([four.closed(), five.closed()]);
			expect(await attacked.departure("four")).toMatch(/keep alive/);
			expect(await attacked.departure("five")).toMatch(/keep alive/);
		});
	});

	describe("odd names", () => {
		const odd = ["constructor", "__proto__", "toString", "hasOwnProperty", "a/b", "+", "#", "$SYS", "ü", " "];

		test.each(versions)("P10 odd client ids are names as any other (MQTT level %d)", async (version) => {
			await using attacked = await arena();
			for (const clientId of odd) {
				for (const clean of [false, true]) {
					const client = await RawClient.login(attacked.port, version, { clientId, clean });
					client.send(subscribe(1, "own"), publish("own", 2), { cmd: "pubrel", messageId: 1 });
					await client.expect("publish");
					expect(attacked.broker.clients().map(({ id }) => id)).toContain(clientId);
					const again = await RawClient.login(attacked.port, version, { clientId, clean });
					await client.closed();
					again.send({ cmd: "disconnect" } as never);
					await again.closed();
				}
			}
			await attacked.serves();
			expect(attacked.faults).toEqual([]);
		});

		test.each([4, 5] as const)("P10 an empty client id gets one from the broker (MQTT level %d)", async (version) => {
			await using attacked = await arena();
			await RawClient.login(attacked.port, version);
			await RawClient.login(attacked.port, version);
			expect(new Set(attacked.broker.clients().map(({ id }) => id)).size).toBe(3);
		});

		test.each([
			["of 65,535 bytes", "a".repeat(65_535), "The client id is longer than this broker accepts."],
			["of 257 bytes", "ü".repeat(129), "The client id is longer than this broker accepts."],
			["with a line break", "a\nfake log line", "The client id holds a control character, such as a line break."],
			["with NUL", "a\0b", "A text holds the NUL character [MQTT-1.5.4-2]."],
		])("P10 a client id %s is refused", async (_name, clientId, reason) => {
			await using attacked = await arena();
			const five = await RawClient.open(attacked.port, 5);
			five.send(raw(0x10, "MQTT", 5, 2, 0, 0, props(), clientId));
			await five.closed();
			expect(five.inbox).toMatchObject([{ cmd: "connack", reasonCode: clientId.includes("\0") ? 0x81 : 0x85 }]);
			expect(await attacked.refusal()).toBe(reason);
			const four = await RawClient.open(attacked.port, 4);
			four.send(raw(0x10, "MQTT", 4, 2, 0, 0, clientId));
			await four.closed();
			expect(four.inbox).toMatchObject(clientId.includes("\0") ? [] : [{ cmd: "connack", returnCode: 2 }]);
			expect(await attacked.refusal()).toBe(reason);
			await attacked.serves();
		});

		test.each(versions)(
			"P11 odd topics, filters and user names are names as any other (MQTT level %d)",
			async (version) => {
				await using attacked = await arena();
				const topics = ["__proto__", "constructor", "toString/__proto__", "0", "1"];
				const username = "__proto__";
				const lasting = version === 5 ? { properties: { sessionExpiryInterval: 60 } } : {};
				const fields = { clientId: "odd", clean: false, username, ...lasting };
				const client = await RawClient.login(attacked.port, version, fields);
				client.send(subscribe(7, "last", ...topics));
				expect(await client.expect("suback")).toMatchObject({ messageId: 7, granted: [1, 1, 1, 1, 1, 1] });
				for (const topic of topics) {
					client.send(publish(topic, 1, { retain: true }));
					await client.expect("publish", (packet) => packet.topic === topic);
				}
				client.drop();
				await attacked.departure("odd");
				const again = await RawClient.login(attacked.port, version, fields);
				again.send(publish("__proto__", 0, { payload: "again" }));
				await again.expect("publish", ({ topic, payload }) => topic === "__proto__" && payload.toString() === "again");
				again.send({ cmd: "unsubscribe", messageId: 8, unsubscriptions: topics });
				await again.expect("unsuback");
				expect(attacked.broker.clients().find(({ id }) => id === "odd")?.subscriptions).toEqual([
					{ filter: "last", qos: 1 },
				]);
				expect(attacked.broker.retained("__proto__")).toHaveLength(1);
				await attacked.serves();
				expect(attacked.faults).toEqual([]);
			},
		);
	});
});
