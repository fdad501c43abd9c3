/** Chapter 2: fixed header, packet identifiers, properties. */

import { expect } from "@jest/globals";
import { type Part, props, raw } from "../../broker/wire/raw-packet";
import { both, type Chapter, five } from "../case";
import { publishPacket } from "../client";
import type { Stage } from "../stage";

function none({ v5 }: Stage): Part {
	return v5 ? [0] : [];
}

const wrongFlags: readonly (readonly [string, string, string, (stage: Stage) => Buffer])[] = [
	["PUBREL", "3.6.1-1", "3.6.1-1", () => raw(0x60, 0, 1)],
	["SUBSCRIBE", "3.8.1-1", "3.8.1-1", (stage) => raw(0x80, 0, 1, none(stage), "t", 0)],
	["UNSUBSCRIBE", "3.10.1-1", "3.10.1-1", (stage) => raw(0xa0, 0, 1, none(stage), "t")],
	["PINGREQ", "2.2.2-1", "2.1.3-1", () => raw(0xc1)],
	["DISCONNECT", "3.14.1-1", "3.14.1-1", () => raw(0xe1)],
	["PUBACK", "2.2.2-1", "2.1.3-1", () => raw(0x41, 0, 1)],
];

const once: readonly (readonly [string, Part])[] = [
	["payload format indicator", [0x01, 1]],
	["message expiry interval", [0x02, 0, 0, 0, 9]],
	["topic alias", [0x23, 0, 1]],
	["response topic", [0x08, "r"]],
	["correlation data", [0x09, "c"]],
	["content type", [0x03, "c"]],
];

export const format: Chapter = {
	title: "2 Format of packets",
	cases: [
		...wrongFlags.map(([what, v311, v5, packet]) =>
			both(
				`${what} with flags that are reserved closes the connection`,
				v311.startsWith("2.2.2") ? `${v311} 2.2.2-2` : `2.2.2-2 ${v311}`,
				v5 === "2.1.3-1" ? v5 : `2.1.3-1 ${v5}`,
				async (stage) => {
					const client = await stage.login();
					client.send(packet(stage));
					await stage.refuses(client, 0x81);
				},
			),
		),
		...([0x00, 0xf0] as const).map((first) =>
			both(`packet type ${first >> 4} without content closes the connection`, "4.8.0-1", "4.13.1-1", async (stage) => {
				const client = await stage.login();
				client.send(raw(first));
				await stage.refuses(client, [0x81, 0x82]);
			}),
		),
		...(
			[
				["PUBLISH", (stage: Stage) => raw(0x32, "t", 0, 0, none(stage), "x")],
				["SUBSCRIBE", (stage: Stage) => raw(0x82, 0, 0, none(stage), "t", 0)],
				["UNSUBSCRIBE", (stage: Stage) => raw(0xa2, 0, 0, none(stage), "t")],
			] as const
		).map(([what, packet]) =>
			both(`${what} with packet identifier 0 closes the connection`, "2.3.1-1", "2.2.1-3", async (stage) => {
				const client = await stage.login();
				client.send(packet(stage));
				await stage.refuses(client, [0x81, 0x82]);
			}),
		),
		both("a PUBLISH with QoS 0 has no packet identifier", "2.3.1-5", "2.2.1-2", async (stage) => {
			const client = await stage.login();
			await client.subscribe(stage.topic(), 0);
			await client.publish(stage.topic(), "abc", { qos: 0 });
			await client.expect("publish");
			const wanted = raw(0x30, stage.topic(), none(stage), Buffer.from("abc"));
			expect(client.bytes.includes(wanted)).toBe(true);
		}),
		both(
			"messages that are not acknowledged have packet identifiers of their own, none 0",
			"2.3.1-4",
			"2.2.1-4 4.3.2-1 4.3.3-1",
			async (stage) => {
				const client = await stage.login();
				const publisher = await stage.login();
				await client.subscribe(stage.topic());
				for (let at = 0; at < 6; at++) await publisher.publish(stage.topic(), `${at}`, { qos: at % 2 ? 1 : 2 });
				const ids = new Set<number | undefined>();
				for (let at = 0; at < 6; at++) ids.add((await client.expect("publish")).messageId);
				expect(ids.size).toBe(6);
				expect(ids.has(0)).toBe(false);
			},
		),
		both(
			"acknowledgements carry the packet identifier of the PUBLISH",
			"2.3.1-6",
			"2.2.1-5 4.3.2-4 4.3.3-8 4.3.3-11",
			async (stage) => {
				const client = await stage.login();
				client.send(publishPacket(stage.topic(), "x", { qos: 1, messageId: 4_711 }));
				expect(await client.expect("puback")).toMatchObject({ messageId: 4_711 });
				client.send(publishPacket(stage.topic(), "x", { qos: 2, messageId: 65_535 }));
				expect(await client.expect("pubrec")).toMatchObject({ messageId: 65_535 });
				client.send({ cmd: "pubrel", messageId: 65_535 });
				expect(await client.expect("pubcomp")).toMatchObject({ messageId: 65_535 });
			},
		),
		both("PUBREL carries the packet identifier of the PUBLISH", "2.3.1-6", "2.2.1-5 4.3.3-4", async (stage) => {
			const client = await stage.login();
			await client.subscribe(stage.topic());
			await client.publish(stage.topic(), "x", { qos: 2 });
			const { messageId } = await client.expect("publish");
			client.send({ cmd: "pubrec", messageId: messageId as number });
			expect(await client.expect("pubrel")).toMatchObject({ messageId });
		}),
		both(
			"SUBACK and UNSUBACK carry the packet identifier of the request",
			"2.3.1-7 3.8.4-2 3.10.4-5",
			"2.2.1-6 3.8.4-2 3.10.4-5",
			async (stage) => {
				const client = await stage.login();
				const topic = stage.topic();
				client.send({ cmd: "subscribe", messageId: 40_000, subscriptions: [{ topic, qos: 0 }] });
				expect(await client.expect("suback")).toMatchObject({ messageId: 40_000 });
				client.send({ cmd: "unsubscribe", messageId: 40_001, unsubscriptions: [topic] });
				expect(await client.expect("unsuback")).toMatchObject({ messageId: 40_001 });
			},
		),
		five("a packet without properties says so with a length of 0", "2.2.2-1", async (stage) => {
			const client = await stage.login();
			await client.subscribe(stage.topic());
			await client.publish(stage.topic(), "x", { qos: 0 });
			await client.expect("publish");
			expect(client.bytes.includes(raw(0x30, stage.topic(), 0, Buffer.from("x")))).toBe(true);
			expect(client.bytes.includes(raw(0x90, 0, 1, 0, 2))).toBe(true);
		}),
		...once.map(([what, property]) =>
			five(`the property ${what} twice in PUBLISH closes the connection with 0x82`, "4.13.1-1", async (stage) => {
				const client = await stage.login();
				client.send(raw(0x30, stage.topic(), props(property, property), "x"));
				await stage.refuses(client, 0x82);
			}),
		),
		five("the session expiry interval twice in CONNECT is refused with 0x82", "3.1.4-1 4.13.1-1", async (stage) => {
			const client = await stage.open();
			const expiry = [0x11, 0, 0, 0, 9];
			client.send(raw(0x10, "MQTT", 5, 2, 0, 0, props(expiry, expiry), stage.id()));
			await client.closed();
			if (stage.target.explains) expect((await client.expect("connack")).reasonCode).toBe(0x82);
		}),
		five(
			"the session expiry interval twice in DISCONNECT closes the connection with 0x82",
			"4.13.1-1",
			async (stage) => {
				const client = await stage.login();
				const expiry = [0x11, 0, 0, 0, 9];
				client.send(raw(0xe0, 0, props(expiry, expiry)));
				await stage.refuses(client, 0x82);
			},
		),
		five("a property that the packet may not have closes the connection", "4.13.1-1", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x30, stage.topic(), props(0x11, 0, 0, 0, 9), "x"));
			await stage.refuses(client, [0x81, 0x82]);
		}),
		five("a property that does not exist closes the connection", "4.13.1-1", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x30, stage.topic(), props(0x7f, 0), "x"));
			await stage.refuses(client, 0x81);
		}),
		five("properties that are longer than the packet close the connection with 0x81", "4.13.1-1", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x30, "t", [9, 0x01, 1]));
			await stage.refuses(client, 0x81);
		}),
	],
};
