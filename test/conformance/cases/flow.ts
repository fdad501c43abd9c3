/** Chapters 4.9 and 3.1.2.11: receive maximum, maximum packet size, topic aliases. */

import { expect } from "@jest/globals";
import { props, raw } from "../../broker/wire/raw-packet";
import { type Chapter, five } from "../case";
import { brief, type Client, type Publish } from "../client";
import { user } from "../users";

/** Whatever comes; acknowledges nothing. */
async function nothingMore(client: Client): Promise<void> {
	await client.ping();
	await client.ping();
	expect(
		client
			.pending()
			.filter(({ qos }) => qos > 0)
			.map(brief),
	).toEqual([]);
}

const aliasOf = ({ properties }: Publish) => properties?.topicAlias;

export const flow: Chapter = {
	title: "4.9 Flow control, sizes, aliases",
	cases: [
		...([1, 2] as const).map((qos) =>
			five(
				`no more messages with QoS ${qos} are under way than the client's receive maximum`,
				"3.3.4-9 4.9.0-1 4.9.0-2",
				async (stage) => {
					const client = await stage.login({ properties: { receiveMaximum: 2 } });
					await client.subscribe(stage.topic());
					const publisher = await stage.login();
					for (let at = 0; at < 6; at++) await publisher.publish(stage.topic(), `${at}`, { qos });
					const got: number[] = [];
					for (let pair = 0; pair < 3; pair++) {
						const packets = [await client.expect("publish"), await client.expect("publish")];
						await nothingMore(client);
						got.push(...packets.map(({ payload }) => Number(payload)));
						for (const packet of packets) await client.acknowledge(packet);
					}
					expect(got).toEqual([0, 1, 2, 3, 4, 5]);
				},
			),
		),
		five("a PUBREC without PUBCOMP keeps its place", "4.9.0-2", async (stage) => {
			const client = await stage.login({ properties: { receiveMaximum: 1 } });
			await client.subscribe(stage.topic());
			const publisher = await stage.login();
			for (const payload of ["one", "two"]) await publisher.publish(stage.topic(), payload, { qos: 2 });
			const { messageId = 0 } = await client.expect("publish");
			client.send({ cmd: "pubrec", messageId });
			await client.expect("pubrel");
			await nothingMore(client);
			client.send({ cmd: "pubcomp", messageId });
			expect(brief(await client.message())).toBe(`${stage.topic()}=two q2`);
		}),
		five("a PUBREC with a refusal gives its place back", "3.3.4-9", async (stage) => {
			const client = await stage.login({ properties: { receiveMaximum: 1 } });
			await client.subscribe(stage.topic());
			const publisher = await stage.login();
			for (const payload of ["one", "two"]) await publisher.publish(stage.topic(), payload, { qos: 2 });
			const { messageId = 0 } = await client.expect("publish");
			client.send({ cmd: "pubrec", messageId, reasonCode: 0x80 });
			expect(brief(await client.message())).toBe(`${stage.topic()}=two q2`);
		}),
		five("receive maximum holds for messages that waited", "3.3.4-9", async (stage) => {
			const clientId = stage.id();
			const away = await stage.login(stage.lasting(clientId));
			await away.subscribe(stage.topic());
			await away.leave();
			const publisher = await stage.login();
			for (let at = 0; at < 5; at++) await publisher.publish(stage.topic(), `${at}`);
			const back = await stage.login(stage.lasting(clientId, { properties: { receiveMaximum: 2 } }));
			const first = await back.expect("publish");
			const second = await back.expect("publish");
			await nothingMore(back);
			await back.acknowledge(first);
			await back.acknowledge(second);
			expect((await back.messages(3)).map(({ payload }) => Number(payload))).toEqual([2, 3, 4]);
		}),
		five("a smaller receive maximum holds for messages that come again", "3.3.4-9 4.9.0-1", async (stage) => {
			const clientId = stage.id();
			const client = await stage.login(stage.lasting(clientId));
			await client.subscribe(stage.topic());
			const publisher = await stage.login();
			for (let at = 0; at < 5; at++) await publisher.publish(stage.topic(), `${at}`, { qos: at % 2 ? 1 : 2 });
			for (let at = 0; at < 5; at++) await client.expect("publish");
			client.drop();
			const back = await stage.login(stage.lasting(clientId, { properties: { receiveMaximum: 1 } }));
			for (let at = 0; at < 5; at++) {
				const packet = await back.expect("publish");
				expect([Number(packet.payload), packet.dup]).toEqual([at, true]);
				await nothingMore(back);
				await back.acknowledge(packet);
			}
		}),
		five("PUBREL gives the client its place back", "4.9.0-2", async (stage) => {
			const { client, connack } = await stage.connect();
			const { receiveMaximum = 65_535 } = connack.properties ?? {};
			const places = Math.min(receiveMaximum, 1_000);
			const publish = (id: number) => raw(0x34, stage.topic(), id >> 8, id & 255, 0, "x");
			client.send(Buffer.concat(Array.from({ length: places }, (_, at) => publish(at + 1))));
			await client.raw.count("pubrec", places);
			for (let id = 1; id <= 20; id++) {
				client.send({ cmd: "pubrel", messageId: id });
				await client.expect("pubcomp");
				client.send(publish(places + id));
			}
			await client.raw.count("pubrec", places + 20);
			await client.ping();
		}),
		five("the same message again takes no further place", "4.9.0-2 4.3.3-10", async (stage) => {
			const { client, connack } = await stage.connect();
			const { receiveMaximum = 65_535 } = connack.properties ?? {};
			const places = Math.min(receiveMaximum, 1_000);
			const publish = (first: number, id: number) => raw(first, stage.topic(), id >> 8, id & 255, 0, "x");
			const ids = Array.from({ length: places }, (_, at) => at + 1);
			client.send(Buffer.concat(ids.map((id) => publish(0x34, id))));
			await client.raw.count("pubrec", places);
			client.send(Buffer.concat(ids.slice(0, 10).map((id) => publish(0x3c, id))));
			await client.raw.count("pubrec", places + 10);
			await client.ping();
		}),
		five("receive maximum holds for retained messages", "3.3.4-9", async (stage) => {
			const publisher = await stage.login();
			const topics = ["a", "b", "c", "d"].map((end) => stage.topic(end));
			for (const topic of topics) await publisher.publish(topic, "x", { retain: true });
			const client = await stage.login({ properties: { receiveMaximum: 1 } });
			await client.subscribe(`${stage.name}/#`);
			for (const _ of topics) {
				const packet = await client.expect("publish");
				await nothingMore(client);
				await client.acknowledge(packet);
			}
			for (const topic of topics) await publisher.publish(topic, "", { retain: true });
		}),
		five("receive maximum holds back nothing but messages with QoS 1 and 2", "3.3.4-10 4.9.0-3", async (stage) => {
			const client = await stage.login({ properties: { receiveMaximum: 1 } });
			await client.subscribe(stage.topic());
			const publisher = await stage.login();
			for (const payload of ["one", "two"]) await publisher.publish(stage.topic(), payload);
			const packet = await client.expect("publish");
			await client.ping();
			expect((await client.subscribe(stage.topic("other"))).granted).toEqual([2]);
			expect(await client.publish(stage.topic("unheard"), "x", { qos: 2 })).toBeLessThan(0x80);
			await client.unsubscribe(stage.topic("other"));
			await client.acknowledge(packet);
			expect(brief(await client.message())).toBe(`${stage.topic()}=two q1`);
		}),
		five("a client that exceeds the broker's receive maximum is closed with 0x93", "3.3.4-7 4.9.0-2", async (stage) => {
			const { client, connack } = await stage.connect();
			const { receiveMaximum = 65_535 } = connack.properties ?? {};
			const ids = Array.from({ length: Math.min(receiveMaximum + 1, 65_535) }, (_, at) => at + 1);
			client.send(Buffer.concat(ids.map((id) => raw(0x34, stage.topic(), id >> 8, id & 255, 0, "x"))));
			await stage.refuses(client, 0x93);
		}),
		five("a client may use the whole of the broker's receive maximum", "4.9.0-1", async (stage) => {
			const { client, connack } = await stage.connect();
			const { receiveMaximum = 65_535 } = connack.properties ?? {};
			const ids = Array.from({ length: Math.min(receiveMaximum, 500) }, (_, at) => at + 1);
			client.send(Buffer.concat(ids.map((id) => raw(0x34, stage.topic(), id >> 8, id & 255, 0, "x"))));
			await client.raw.count("pubrec", ids.length);
			client.send({ cmd: "pubrel", messageId: 1 });
			await client.expect("pubcomp");
		}),
		five(
			"a message over the client's maximum packet size is dropped for this client",
			"3.1.2-24 3.1.2-25",
			async (stage) => {
				const client = await stage.login({ properties: { maximumPacketSize: 200, receiveMaximum: 1 } });
				const other = await stage.login();
				await client.subscribe(stage.topic());
				await other.subscribe(stage.topic());
				for (const qos of [0, 1, 2] as const) await other.publish(stage.topic(), "x".repeat(300), { qos });
				await other.publish(stage.topic(), "fits", { qos: 2 });
				// The dropped ones count as delivered: they take no place of the receive maximum.
				expect((await client.message()).payload.toString()).toBe("fits");
				expect((await other.messages(4)).map(({ payload }) => payload.length)).toEqual([300, 300, 300, 4]);
			},
		),
		five("a packet of just the maximum size is sent, and one byte more is not", "3.1.2-24", async (stage) => {
			const client = await stage.login({ properties: { maximumPacketSize: 100 } });
			await client.subscribe(stage.topic(), 0);
			const overhead = raw(0x30, stage.topic(), 0).length;
			await client.publish(stage.topic(), "x".repeat(100 - overhead + 1), { qos: 0 });
			await client.publish(stage.topic(), "x".repeat(100 - overhead), { qos: 0 });
			expect((await client.message()).payload.length).toBe(100 - overhead);
		}),
		five(
			"a retained or waiting message over the maximum packet size is dropped, and not kept",
			"3.1.2-24 3.1.2-25",
			async (stage) => {
				const clientId = stage.id();
				const away = await stage.login(stage.lasting(clientId));
				await away.subscribe(stage.topic(), 1);
				await away.leave();
				const publisher = await stage.login();
				await publisher.publish(stage.topic(), "x".repeat(300), { retain: true });
				await publisher.publish(stage.topic(), "fits");
				const back = await stage.login(stage.lasting(clientId, { properties: { maximumPacketSize: 200 } }));
				expect((await back.message()).payload.toString()).toBe("fits");
				await back.subscribe(stage.topic(), 1);
				expect(await stage.settled(back, publisher)).toEqual([]);
				await back.leave();
				const large = await stage.login(stage.lasting(clientId));
				expect(await stage.settled(large, publisher)).toEqual([]);
				await publisher.publish(stage.topic(), "", { retain: true });
			},
		),
		five(
			"reasons in words are left out where they would exceed the maximum packet size",
			"3.4.2-2 3.4.2-3 3.5.2-2 3.5.2-3 3.9.2-1 3.9.2-2 3.11.2-1 3.11.2-2 3.7.2-2 3.7.2-3 3.6.2-2 3.6.2-3 3.14.2-3 3.14.2-4",
			async (stage) => {
				const port = stage.target.usersPort;
				const fields = { ...user, properties: { maximumPacketSize: 24 } };
				const client = await stage.login({ ...fields, clientId: "s" }, port);
				// The inspector looks at the sizes.
				await client.publish("closed", "x", { qos: 1 });
				await client.publish("closed", "x", { qos: 2 });
				await client.subscribe("closed");
				await client.unsubscribe("closed");
				client.send({ cmd: "pubrel", messageId: 999 }, { cmd: "pubrec", messageId: 998 });
				await client.ping();
				client.send(raw(0x82, 0, 1, 0, "a#", 0));
				await client.closed();
			},
			{ needs: "users" },
		),
		five("a client that exceeds the broker's maximum packet size is closed with 0x95", "3.2.2-15", async (stage) => {
			const { client, connack } = await stage.connect();
			const { maximumPacketSize = 268_435_455 } = connack.properties ?? {};
			// The length alone is enough.
			const length = maximumPacketSize - 3;
			const digits = [length & 127, (length >> 7) & 127, (length >> 14) & 127, length >> 21];
			client.send(Buffer.from([0x30, ...digits.slice(0, 3).map((digit) => digit | 0x80), digits[3] as number]));
			if (maximumPacketSize < 268_435_455) await stage.refuses(client, 0x95);
		}),
		five("a topic alias stands for its topic, until it is set anew", "3.3.2-12", async (stage) => {
			const { client, connack } = await stage.connect();
			const highest = connack.properties?.topicAliasMaximum ?? 0;
			expect(highest).toBeGreaterThan(0);
			await client.subscribe(`${stage.name}/#`);
			for (const topicAlias of [1, highest]) {
				await client.publish(stage.topic("a"), "1", { properties: { topicAlias } });
				await client.publish("", "2", { properties: { topicAlias } });
				await client.publish(stage.topic("b"), "3", { properties: { topicAlias } });
				await client.publish("", "4", { qos: 2, properties: { topicAlias } });
				const got = (await client.messages(4)).map(({ topic, payload }) => `${topic} ${payload.toString()}`);
				expect(got).toEqual([
					`${stage.topic("a")} 1`,
					`${stage.topic("a")} 2`,
					`${stage.topic("b")} 3`,
					`${stage.topic("b")} 4`,
				]);
			}
		}),
		five("the publisher's alias is not sent on", "3.1.2-27", async (stage) => {
			const client = await stage.login();
			await client.subscribe(stage.topic());
			await client.publish(stage.topic(), "x", { properties: { topicAlias: 3 } });
			const packet = await client.message();
			expect([packet.topic, aliasOf(packet)]).toEqual([stage.topic(), undefined]);
		}),
		five("an alias is forgotten with its connection", "3.3.2-7", async (stage) => {
			const clientId = stage.id();
			const client = await stage.login(stage.lasting(clientId));
			await client.publish(stage.topic(), "x", { properties: { topicAlias: 1 } });
			await client.leave();
			const back = await stage.login(stage.lasting(clientId));
			back.send(raw(0x30, "", props(0x23, 0, 1), "x"));
			await stage.refuses(back, [0x82, 0x94]);
		}),
		...(
			[
				["0", () => 0, 0x94],
				["over the maximum", (maximum: number) => maximum + 1, 0x94],
			] as const
		).map(([what, alias, code]) =>
			five(
				`an alias that is ${what} closes the connection with 0x94`,
				what === "0" ? "3.3.2-8" : "3.3.2-9 3.2.2-17",
				async (stage) => {
					const { client, connack } = await stage.connect();
					const value = alias(connack.properties?.topicAliasMaximum ?? 0);
					if (value > 65_535) return;
					client.send(raw(0x30, stage.topic(), props(0x23, value >> 8, value & 255), "x"));
					await stage.refuses(client, code);
				},
			),
		),
		five("an alias that was never set closes the connection", "4.13.1-1", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x30, "", props(0x23, 0, 2), "x"));
			await stage.refuses(client, [0x82, 0x94]);
		}),
		five("no alias is sent to a client that takes none", "3.1.2-27", async (stage) => {
			const client = await stage.login();
			await client.subscribe(stage.topic());
			for (let at = 0; at < 5; at++) await client.publish(stage.topic(), "x");
			expect((await client.messages(5)).map(aliasOf)).toEqual(Array(5).fill(undefined));
		}),
		five(
			"a topic that comes again comes as alias, within what the client takes",
			"3.1.2-26 3.3.2-11",
			async (stage) => {
				const client = await stage.login({ properties: { topicAliasMaximum: 2 } });
				await client.subscribe(`${stage.name}/#`);
				const known = new Map<number, string>();
				const got: string[] = [];
				const sent: string[] = [];
				let short = 0;
				for (let at = 0; at < 12; at++) {
					const topic = stage.topic(["a", "b", "c", "a"][at % 4]);
					sent.push(topic);
					await client.publish(topic, "x", { qos: (at % 3) as 0 | 1 | 2 });
					const packet = await client.message();
					const alias = aliasOf(packet);
					if (packet.topic === "") short += 1;
					else if (alias !== undefined) known.set(alias, packet.topic);
					got.push(packet.topic || (known.get(alias ?? 0) ?? "an unknown alias"));
				}
				expect(got).toEqual(sent);
				expect(short).toBeGreaterThan(0);
			},
		),
		...([0, 1] as const).map((qos) =>
			five(
				`a message with QoS ${qos} that was dropped for its size set no alias`,
				"3.1.2-25 3.3.2-11",
				async (stage) => {
					const client = await stage.login({ properties: { topicAliasMaximum: 5, maximumPacketSize: 100 } });
					await client.subscribe(`${stage.name}/#`, qos);
					await client.publish(stage.topic(), "x".repeat(200), { qos });
					for (const payload of ["1", "2"]) await client.publish(stage.topic(), payload, { qos });
					const first = await client.message();
					expect([first.topic, first.payload.toString()]).toEqual([stage.topic(), "1"]);
					const second = await client.message();
					if (second.topic === "") expect(aliasOf(second)).toBe(aliasOf(first));
					expect(second.payload.toString()).toBe("2");
				},
			),
		),
		...([0, 1] as const).map((qos) =>
			five(`a message with QoS ${qos} that fits without an alias alone is sent without`, "3.1.2-25", async (stage) => {
				const client = await stage.login({ properties: { topicAliasMaximum: 5, maximumPacketSize: 100 } });
				await client.subscribe(stage.topic(), qos);
				const overhead = raw(0x30, stage.topic(), qos === 0 ? [] : [0, 1], 0).length;
				await client.publish(stage.topic(), "x".repeat(100 - overhead), { qos });
				await client.publish(stage.topic(), "small", { qos });
				expect((await client.messages(2)).map(({ payload }) => payload.length)).toEqual([100 - overhead, 5]);
			}),
		),
		five(
			"aliases of the broker are set anew on each connection, also for messages that come again",
			"3.3.2-7",
			async (stage) => {
				const clientId = stage.id();
				const fields = stage.lasting(clientId, { properties: { topicAliasMaximum: 5 } });
				const client = await stage.login(fields);
				await client.subscribe(stage.topic());
				for (const payload of ["1", "2", "3"]) await client.publish(stage.topic(), payload);
				for (let at = 0; at < 3; at++) await client.expect("publish");
				client.drop();
				const back = await stage.login(fields);
				const first = await back.message();
				expect([brief(first)]).toEqual([`${stage.topic()}=1 q1 dup`]);
				for (const packet of await back.messages(2)) expect([stage.topic(), ""]).toContain(packet.topic);
				await back.leave();
				const without = await stage.login(stage.lasting(clientId));
				await without.publish(stage.topic(), "4");
				expect(brief(await without.message())).toBe(`${stage.topic()}=4 q1`);
			},
		),
	],
};
