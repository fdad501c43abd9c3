/** Chapter 3.3: PUBLISH, its flags, topic and properties. */

import { expect } from "@jest/globals";
import { bytes, type Part, props, raw } from "../../broker/wire/raw-packet";
import { both, type Chapter, five } from "../case";
import { brief, publishPacket } from "../client";
import type { Stage } from "../stage";
import { user } from "../users";

function none({ v5 }: Stage): Part {
	return v5 ? [0] : [];
}

export const publish: Chapter = {
	title: "3.3 PUBLISH",
	cases: [
		both("QoS 3 closes the connection", "3.3.1-4", "3.3.1-4", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x36, "t", 0, 1, none(stage), "x"));
			await stage.refuses(client, 0x81);
		}),
		both("DUP with QoS 0 goes no further", "3.3.1-2", "3.3.1-2 4.3.1-1", async (stage) => {
			const client = await stage.login();
			const witness = await stage.login();
			await witness.subscribe(stage.topic());
			client.send(raw(0x38, stage.topic(), none(stage), Buffer.from("x")));
			// Closing the connection is right as well [MQTT-4.13.1-1].
			client.send({ cmd: "pingreq" });
			if (!(await client.expectOrClosed("pingresp"))) return;
			expect(brief(await witness.message())).toBe(`${stage.topic()}=x q0`);
		}),
		both("DUP of the publisher is not sent on", "3.3.1-3", "3.3.1-3 4.3.2-2 4.3.3-2", async (stage) => {
			const client = await stage.login();
			const witness = await stage.login();
			await witness.subscribe(stage.topic());
			client.send(publishPacket(stage.topic(), "one", { qos: 1, messageId: 1, dup: true }));
			client.send(publishPacket(stage.topic(), "two", { qos: 2, messageId: 2, dup: true }));
			await client.expect("pubrec");
			client.send({ cmd: "pubrel", messageId: 2 });
			expect((await witness.messages(2)).map(brief)).toEqual([`${stage.topic()}=one q1`, `${stage.topic()}=two q2`]);
		}),
		both(
			"each QoS gets its answer",
			"3.3.4-1 4.3.1-1 4.3.2-2 4.3.3-2",
			"3.3.4-1 4.3.2-4 4.3.3-8 4.3.3-11",
			async (stage) => {
				const client = await stage.login();
				client.send(publishPacket(stage.topic(), "x"));
				client.send(publishPacket(stage.topic(), "x", { qos: 1, messageId: 11 }));
				client.send(publishPacket(stage.topic(), "x", { qos: 2, messageId: 12 }));
				client.send({ cmd: "pubrel", messageId: 12 });
				await client.expect("pubcomp");
				await client.ping();
				expect(client.raw.counts).toEqual({ connack: 1, puback: 1, pubrec: 1, pubcomp: 1, pingresp: 1 });
			},
		),
		...(["a/+", "#", "+", "a#b"] as const).map((topic) =>
			both(`the topic ${topic} closes the connection`, "3.3.2-2 4.7.1-1", "3.3.2-2 4.7.0-1", async (stage) => {
				const client = await stage.login();
				client.send(raw(0x30, topic, none(stage), "x"));
				await stage.refuses(client, [0x81, 0x82, 0x90]);
			}),
		),
		both("an empty topic closes the connection", "4.7.3-1", "4.7.3-1", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x30, "", none(stage), "x"));
			await stage.refuses(client, [0x82]);
		}),
		both("a topic of 65,535 bytes is carried", "4.7.3-3", "4.7.3-3", async (stage) => {
			const client = await stage.login();
			const topic = `${stage.topic()}/`.padEnd(65_535, "x");
			await client.subscribe(topic);
			await client.publish(topic, "long");
			expect((await client.message()).topic).toBe(topic);
		}),
		both("the topic that arrives matches the filter", "3.3.2-3", "3.3.2-3", async (stage) => {
			const client = await stage.login();
			await client.subscribe(`${stage.name}/+/x`);
			for (const level of ["one", "", "one/two"]) await client.publish(`${stage.name}/${level}/x`, "m");
			const topics = (await client.messages(2)).map(({ topic }) => topic);
			expect(topics).toEqual([`${stage.name}/one/x`, `${stage.name}//x`]);
			expect(await stage.settled(client, client)).toEqual([]);
		}),
		both("a payload of any bytes is carried unchanged", "", "", async (stage) => {
			const client = await stage.login();
			const payload = Buffer.from(Array.from({ length: 1_000 }, (_, at) => at & 255));
			await client.subscribe(stage.topic());
			await client.publish(stage.topic(), payload);
			expect(payload.equals((await client.message()).payload as Buffer)).toBe(true);
		}),
		both(
			"a publisher that may not publish gets an acknowledgement, and the message goes nowhere",
			"3.3.5-2",
			"3.4.2-1 3.5.2-1",
			async (stage) => {
				const port = stage.target.usersPort;
				const client = await stage.login(user, port);
				for (const qos of [1, 2] as const) {
					const code = await client.publish("closed", "x", { qos });
					expect(stage.v5 ? [0x87] : [0]).toContain(code);
				}
				await client.ping();
			},
			{ needs: "users" },
		),
		...(
			[
				["payload format indicator", "3.3.2-4", { payloadFormatIndicator: true }],
				["payload format indicator of 0", "3.3.2-4", { payloadFormatIndicator: false }],
				["response topic", "3.3.2-15", { responseTopic: "answer/here" }],
				["correlation data", "3.3.2-16", { correlationData: Buffer.from([0, 255, 1]) }],
				["content type", "3.3.2-20", { contentType: "text/plain; charset=utf-8" }],
				["user properties", "3.3.2-17", { userProperties: { a: "1", b: ["2", "2"], "": "" } }],
			] as const
		).map(([what, cites, properties]) =>
			five(`the ${what} is sent to live, queued and retained subscribers`, cites, async (stage) => {
				const topic = stage.topic();
				const clientId = stage.id();
				const away = await stage.login(stage.lasting(clientId));
				await away.subscribe(topic);
				await away.leave();
				const publisher = await stage.login();
				await publisher.subscribe(topic);
				await publisher.publish(topic, "x", { retain: true, properties: { ...properties } as never });
				const late = await stage.login();
				await late.subscribe(topic);
				const back = await stage.login(stage.lasting(clientId));
				for (const client of [publisher, late, back]) {
					const { properties: got = {} } = await client.message();
					expect({ ...got.userProperties }).toEqual({ ...(properties as typeof got).userProperties });
					expect({ ...got, userProperties: 0 }).toEqual({ ...properties, userProperties: 0 });
				}
				await publisher.publish(topic, "", { retain: true });
			}),
		),
		five("user properties keep their order", "3.3.2-18", async (stage) => {
			const client = await stage.login();
			await client.subscribe(stage.topic());
			const pairs = [
				["b", "1"],
				["a", "2"],
				["b", "3"],
				["a", "1"],
			].map((pair) => [0x26, pair]);
			client.send(raw(0x30, stage.topic(), props(pairs), Buffer.from("x")));
			await client.expect("publish");
			expect(client.bytes.includes(bytes(...pairs))).toBe(true);
		}),
		...(["a/+", "#"] as const).map((responseTopic) =>
			five(`the response topic ${responseTopic} closes the connection`, "3.3.2-14", async (stage) => {
				const client = await stage.login();
				client.send(raw(0x30, stage.topic(), props(0x08, responseTopic), "x"));
				await stage.refuses(client, [0x81, 0x82, 0x90]);
			}),
		),
		five("a client's PUBLISH with a subscription identifier closes the connection", "3.3.4-6", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x30, stage.topic(), props(0x0b, 1), "x"));
			await stage.refuses(client, 0x82);
		}),
		five("a payload format indicator over 1 closes the connection", "4.13.1-1", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x30, stage.topic(), props(0x01, 2), "x"));
			await stage.refuses(client, [0x81, 0x82]);
		}),
		five(
			"a payload that is not the UTF-8 that it is said to be is sent on, or refused with 0x99",
			"3.3.2-4",
			async (stage) => {
				const client = await stage.login();
				await client.subscribe(stage.topic());
				const properties = { payloadFormatIndicator: true };
				const code = await client.publish(stage.topic(), Buffer.from([0xff, 0xfe]), { properties });
				expect([0, 0x99]).toContain(code);
				if (code === 0) expect((await client.message()).payload).toEqual(Buffer.from([0xff, 0xfe]));
				else expect(await stage.settled(client, client)).toEqual([]);
			},
		),
		five(
			"a message that has expired is not delivered",
			"3.3.2-5",
			async (stage) => {
				const clientId = stage.id();
				const away = await stage.login(stage.lasting(clientId));
				await away.subscribe(stage.topic());
				await away.leave();
				const publisher = await stage.login();
				await publisher.publish(stage.topic(), "short", { properties: { messageExpiryInterval: 1 } });
				await publisher.publish(stage.topic(), "long", { properties: { messageExpiryInterval: 600 } });
				await stage.pass(2.2);
				const back = await stage.login(stage.lasting(clientId));
				expect((await back.message()).payload.toString()).toBe("long");
				expect(await stage.settled(back, publisher)).toEqual([]);
			},
			{ slow: true },
		),
		five(
			"a retained message that has expired is not delivered",
			"3.3.2-5",
			async (stage) => {
				const publisher = await stage.login();
				await publisher.publish(stage.topic(), "short", { retain: true, properties: { messageExpiryInterval: 1 } });
				await stage.pass(2.2);
				const late = await stage.login();
				await late.subscribe(stage.topic());
				expect(await stage.settled(late, publisher)).toEqual([]);
			},
			{ slow: true },
		),
		five(
			"a message that waited says how long it still lasts",
			"3.3.2-6",
			async (stage) => {
				const clientId = stage.id();
				const away = await stage.login(stage.lasting(clientId));
				await away.subscribe(stage.topic());
				await away.leave();
				const publisher = await stage.login();
				const properties = { messageExpiryInterval: 60 };
				await publisher.publish(stage.topic(), "x", { retain: true, properties });
				await stage.pass(2.2);
				const back = await stage.login(stage.lasting(clientId));
				const late = await stage.login();
				await late.subscribe(stage.topic());
				for (const client of [back, late]) {
					const { properties: got } = await client.message();
					expect(got?.messageExpiryInterval).toBeGreaterThan(50);
					expect(got?.messageExpiryInterval).toBeLessThan(60);
				}
				await publisher.publish(stage.topic(), "", { retain: true });
			},
			{ slow: true },
		),
		five("a message that did not wait lasts as long as its publisher said", "3.3.2-6", async (stage) => {
			const client = await stage.login();
			await client.subscribe(stage.topic());
			await client.publish(stage.topic(), "x", { properties: { messageExpiryInterval: 60 } });
			expect((await client.message()).properties?.messageExpiryInterval).toBeGreaterThan(57);
		}),
		five(
			"the expiry of messages goes on over a restart of the broker",
			"3.3.2-5 3.3.2-6",
			async (stage) => {
				const target = await stage.restartable();
				const clientId = stage.id();
				const away = await stage.login(stage.lasting(clientId), target.port);
				await away.subscribe(stage.topic());
				await away.leave();
				const publisher = await stage.login({}, target.port);
				// One expires before the restart, one after it.
				const lifetimes = [
					["short", 1],
					["middle", 5],
					["long", 60],
				] as const;
				for (const [payload, messageExpiryInterval] of lifetimes) {
					await publisher.publish(stage.topic(), payload, { properties: { messageExpiryInterval } });
					await publisher.publish(stage.topic(payload), payload, {
						retain: true,
						properties: { messageExpiryInterval },
					});
				}
				// A second more than that, for brokers that count in whole seconds.
				await stage.pass(2.3);
				await target.restart();
				await stage.pass(3.9);
				const back = await stage.login(stage.lasting(clientId), target.port);
				await back.subscribe(`${stage.name}/+`);
				const got = [...(await back.messages(2))];
				expect(got.map((packet) => packet.payload.toString())).toEqual(["long", "long"]);
				for (const { properties } of got) expect(properties?.messageExpiryInterval).toBeLessThan(60);
				expect(await stage.settled(back, back)).toEqual([]);
			},
			{ slow: true, needs: "restart" },
		),
	],
};
