/** What a broker tells its clients of its own limits, and holds them to; the limits are those of our broker. */

import { expect } from "@jest/globals";
import { raw } from "../../broker/wire/raw-packet";
import { type Act, both, type Case, type Chapter, five } from "../case";
import { brief } from "../client";

const told = (name: string, cites: string, act: Act, slow?: true): Case =>
	five(name, cites, act, { needs: "settings", ...(slow && { slow }) });

export const settings: Chapter = {
	title: "3.2.2 What the broker's settings make of it",
	cases: [
		told(
			"a keep alive that the broker shortened is told, and holds",
			"3.2.2-22 3.1.2-22",
			async (stage) => {
				const { port } = await stage.restartable({ limits: { keepaliveMax: 1 } });
				for (const keepalive of [0, 600]) {
					const { client, connack } = await stage.connect({ keepalive }, port);
					expect(connack.properties?.serverKeepAlive).toBe(1);
					await stage.refuses(client, 0x8d);
				}
			},
			true,
		),
		told("a keep alive that the broker takes is not told", "3.2.2-22", async (stage) => {
			const { port } = await stage.restartable({ limits: { keepaliveMax: 600 } });
			const { connack } = await stage.connect({ keepalive: 600 }, port);
			expect(connack.properties?.serverKeepAlive).toBeUndefined();
		}),
		told(
			"a session expiry that the broker shortened is told, and holds",
			"4.1.0-2",
			async (stage) => {
				const { port } = await stage.restartable({ limits: { sessionExpiryMax: 1 } });
				const clientId = stage.id();
				const { client, connack } = await stage.connect(stage.lasting(clientId), port);
				expect(connack.properties?.sessionExpiryInterval).toBe(1);
				await client.leave();
				await stage.pass(2.5);
				expect((await stage.connect(stage.lasting(clientId), port)).connack.sessionPresent).toBe(false);
			},
			true,
		),
		told("a receive maximum of the broker is told, and holds", "3.3.4-7", async (stage) => {
			const { port } = await stage.restartable({ limits: { unreleased: 2 } });
			const { client, connack } = await stage.connect({}, port);
			expect(connack.properties?.receiveMaximum).toBe(2);
			for (const id of [1, 2]) client.send(raw(0x34, stage.topic(), 0, id, 0, "x"));
			await client.raw.count("pubrec", 2);
			client.send(raw(0x34, stage.topic(), 0, 3, 0, "x"));
			await stage.refuses(client, 0x93);
		}),
		told("a maximum packet size of the broker is told, and holds", "3.2.2-15", async (stage) => {
			const { port } = await stage.restartable({ limits: { packetSize: 500 } });
			const { client, connack } = await stage.connect({}, port);
			expect(connack.properties?.maximumPacketSize).toBe(500);
			const header = raw(0x30, stage.topic(), 0).length + 1;
			await client.publish(stage.topic(), "x".repeat(500 - header), { qos: 0 });
			await client.ping();
			client.send({
				cmd: "publish",
				topic: stage.topic(),
				payload: "x".repeat(501 - header),
				qos: 0,
				dup: false,
				retain: false,
			});
			await stage.refuses(client, 0x95);
		}),
		told("more subscriptions than the broker allows are refused with 0x97", "3.9.3-2", async (stage) => {
			const { port } = await stage.restartable({ limits: { subscriptions: 2 } });
			const client = await stage.login({}, port);
			await client.subscribe(["a", "b"], 1);
			expect((await client.subscribe("c", 1)).granted).toEqual([0x97]);
			// Taking the place of one that is there is no further one.
			expect((await client.subscribe("b", 2)).granted).toEqual([2]);
		}),
		told(
			"a topic with more levels than the broker takes closes the connection with 0x90, a filter with 0x8F",
			"3.14.2-1",
			async (stage) => {
				const { port } = await stage.restartable({ limits: { topicLevels: 3 } });
				const publisher = await stage.login({}, port);
				publisher.send(raw(0x30, "a/b/c/d", 0, "x"));
				await stage.refuses(publisher, 0x90);
				const subscriber = await stage.login({}, port);
				subscriber.send(raw(0x82, 0, 1, 0, "a/b/c/+", 0));
				await stage.refuses(subscriber, 0x8f);
			},
		),
		told(
			"a broker that stops for another one tells its clients where, with 0x9C",
			"3.14.2-1 3.14.2-2",
			async (stage) => {
				const target = await stage.restartable({ serverReference: "other.example:1883" });
				const client = await stage.login({}, target.port);
				await Promise.all([target.restart(), client.closed()]);
				const { reasonCode, properties } = await client.expect("disconnect");
				expect([reasonCode, properties?.serverReference]).toEqual([0x9c, "other.example:1883"]);
				expect(properties?.sessionExpiryInterval).toBeUndefined();
			},
		),
		both(
			"a queue that is full drops messages, and keeps their order",
			"",
			"",
			async (stage) => {
				const { port } = await stage.restartable({ limits: { queuedMessages: 3 } });
				const clientId = stage.id();
				const away = await stage.login(stage.lasting(clientId), port);
				await away.subscribe(stage.topic(), 1);
				await away.leave();
				const publisher = await stage.login({}, port);
				for (let at = 0; at < 6; at++) await publisher.publish(stage.topic(), `${at}`);
				const back = await stage.login(stage.lasting(clientId), port);
				const got = await back.messages(3);
				expect(got.map(brief)).toEqual(["0", "1", "2"].map((payload) => `${stage.topic()}=${payload} q1`));
				expect(await stage.settled(back, publisher)).toEqual([]);
			},
			{ needs: "settings" },
		),
	],
};
