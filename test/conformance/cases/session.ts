/** Chapters 3.1.2.4 and 4.1: sessions, how they are kept, resumed and ended. */

import { expect } from "@jest/globals";
import { both, type Chapter, five, four } from "../case";
import { brief } from "../client";
import type { Stage } from "../stage";

const FOR_EVER = 0xffff_ffff;

/** A session with one subscription whose client has left. */
async function absent(stage: Stage, clientId: string, topic: string, fields = {}): Promise<void> {
	const client = await stage.login(stage.lasting(clientId, fields));
	await client.subscribe(topic);
	await client.leave();
}

export const session: Chapter = {
	title: "3.1 and 4.1 Sessions",
	cases: [
		both("a new session is not present", "3.1.2-5 3.2.2-3", "3.1.2-6 3.2.2-3", async (stage) => {
			const { connack } = await stage.connect(stage.lasting(stage.id()));
			expect(connack.sessionPresent).toBe(false);
		}),
		both(
			"a kept session is resumed with its subscriptions",
			"3.1.2-4 3.2.2-2 3.1.3-2 4.1.0-1",
			"3.1.2-5 3.2.2-3 3.1.3-2 3.1.2-23",
			async (stage) => {
				const clientId = stage.id();
				await absent(stage, clientId, stage.topic());
				const { client, connack } = await stage.connect(stage.lasting(clientId));
				expect(connack.sessionPresent).toBe(true);
				await client.publish(stage.topic(), "x");
				expect(brief(await client.message())).toBe(`${stage.topic()}=x q1`);
			},
		),
		both("a session without subscriptions is kept too", "3.2.2-2", "3.1.2-23 3.2.2-3", async (stage) => {
			const clientId = stage.id();
			const client = await stage.login(stage.lasting(clientId));
			await client.leave();
			const { connack } = await stage.connect(stage.lasting(clientId));
			expect(connack.sessionPresent).toBe(true);
		}),
		both(
			"messages of QoS 1 and 2 wait for a client that is away",
			"4.5.0-1 3.1.2-4",
			"4.5.0-1 3.1.2-5",
			async (stage) => {
				const clientId = stage.id();
				await absent(stage, clientId, stage.topic());
				const publisher = await stage.login();
				await publisher.publish(stage.topic(), "one", { qos: 1 });
				await publisher.publish(stage.topic(), "two", { qos: 2 });
				const client = await stage.login(stage.lasting(clientId));
				expect((await client.messages(2)).map(brief)).toEqual([`${stage.topic()}=one q1`, `${stage.topic()}=two q2`]);
				expect(await stage.settled(client, publisher)).toEqual([]);
			},
		),
		both("what waited is delivered once", "4.5.0-1", "4.5.0-1 4.4.0-1", async (stage) => {
			const clientId = stage.id();
			await absent(stage, clientId, stage.topic());
			const publisher = await stage.login();
			await publisher.publish(stage.topic(), "x", { qos: 2 });
			const client = await stage.login(stage.lasting(clientId));
			await client.message();
			await client.leave();
			const again = await stage.login(stage.lasting(clientId));
			expect(await stage.settled(again, publisher)).toEqual([]);
		}),
		both("a clean start drops the session", "3.1.2-6 3.2.2-1 3.1.4-3", "3.1.2-4 3.2.2-2 3.1.4-4", async (stage) => {
			const clientId = stage.id();
			await absent(stage, clientId, stage.topic());
			const publisher = await stage.login();
			await publisher.publish(stage.topic(), "missed");
			const { client, connack } = await stage.connect({ clientId, clean: true });
			expect(connack.sessionPresent).toBe(false);
			await publisher.publish(stage.topic(), "missed too");
			expect(await stage.settled(client, publisher)).toEqual([]);
		}),
		four("a clean session ends with its connection", "3.1.2-6 3.2.2-3", async (stage) => {
			const clientId = stage.id();
			const client = await stage.login({ clientId, clean: true });
			await client.subscribe(stage.topic());
			await client.leave();
			const { connack } = await stage.connect({ clientId, clean: false });
			expect(connack.sessionPresent).toBe(false);
		}),
		five("a session without expiry interval ends with its connection", "4.1.0-2 3.2.2-3", async (stage) => {
			const clientId = stage.id();
			const client = await stage.login({ clientId, clean: false });
			await client.subscribe(stage.topic());
			await client.leave();
			const { connack } = await stage.connect({ clientId, clean: false });
			expect(connack.sessionPresent).toBe(false);
		}),
		five("a session that starts clean is kept for its expiry interval", "3.1.2-23", async (stage) => {
			const clientId = stage.id();
			const properties = { sessionExpiryInterval: 60 };
			const client = await stage.login({ clientId, clean: true, properties });
			await client.subscribe(stage.topic());
			client.drop();
			const { connack } = await stage.connect({ clientId, clean: false, properties });
			expect(connack.sessionPresent).toBe(true);
		}),
		both("another connection takes the session over, and the first one ends", "3.1.4-2", "3.1.4-3", async (stage) => {
			const clientId = stage.id();
			const older = await stage.login(stage.lasting(clientId));
			await older.subscribe(stage.topic());
			const { client: newer, connack } = await stage.connect(stage.lasting(clientId));
			await stage.refuses(older, 0x8e);
			expect(connack.sessionPresent).toBe(true);
			await newer.publish(stage.topic(), "x");
			expect(brief(await newer.message())).toBe(`${stage.topic()}=x q1`);
		}),
		five(
			"a session ends when its expiry interval has passed",
			"4.1.0-2",
			async (stage) => {
				const clientId = stage.id();
				const properties = { sessionExpiryInterval: 1 };
				await absent(stage, clientId, stage.topic(), { properties });
				await stage.pass(2.5);
				const { connack } = await stage.connect({ clientId, clean: false, properties });
				expect(connack.sessionPresent).toBe(false);
			},
			{ slow: true },
		),
		five(
			"a session does not end while its client is connected",
			"4.1.0-1",
			async (stage) => {
				const clientId = stage.id();
				const properties = { sessionExpiryInterval: 1 };
				const client = await stage.login({ clientId, clean: false, properties });
				await client.subscribe(stage.topic());
				await stage.pass(2.5);
				await client.publish(stage.topic(), "x");
				expect(brief(await client.message())).toBe(`${stage.topic()}=x q1`);
				const { connack } = await stage.connect({ clientId, clean: false, properties });
				expect(connack.sessionPresent).toBe(true);
			},
			{ slow: true },
		),
		five(
			"a client that is back in time starts the expiry interval anew",
			"4.1.0-1",
			async (stage) => {
				const clientId = stage.id();
				const properties = { sessionExpiryInterval: 5 };
				await absent(stage, clientId, stage.topic(), { properties });
				await stage.pass(3);
				await (await stage.login({ clientId, clean: false, properties })).leave();
				await stage.pass(3);
				const { connack } = await stage.connect({ clientId, clean: false, properties });
				expect(connack.sessionPresent).toBe(true);
			},
			{ slow: true },
		),
		five("DISCONNECT changes the expiry interval", "4.1.0-2", async (stage) => {
			const clientId = stage.id();
			const client = await stage.login(stage.lasting(clientId));
			await client.subscribe(stage.topic());
			await client.leave(0, { sessionExpiryInterval: 0 });
			const { connack } = await stage.connect(stage.lasting(clientId));
			expect(connack.sessionPresent).toBe(false);
		}),
		five(
			"DISCONNECT can lengthen the expiry interval",
			"3.1.2-23",
			async (stage) => {
				const clientId = stage.id();
				const properties = { sessionExpiryInterval: 1 };
				const client = await stage.login({ clientId, clean: false, properties });
				await client.leave(0, { sessionExpiryInterval: 600 });
				await stage.pass(2.5);
				const { connack } = await stage.connect({ clientId, clean: false, properties });
				expect(connack.sessionPresent).toBe(true);
			},
			{ slow: true },
		),
		five("DISCONNECT can't give an expiry interval to a session that has none", "4.13.1-1", async (stage) => {
			const client = await stage.login();
			client.send({ cmd: "disconnect", reasonCode: 0, properties: { sessionExpiryInterval: 60 } });
			await stage.refuses(client, 0x82);
		}),
		five("a session may be kept for ever", "3.1.2-23", async (stage) => {
			const clientId = stage.id();
			const properties = { sessionExpiryInterval: FOR_EVER };
			await absent(stage, clientId, stage.topic(), { properties });
			const { connack } = await stage.connect({ clientId, clean: false, properties });
			expect(connack.sessionPresent).toBe(true);
		}),
		five("the expiry interval is that of the last connection", "4.1.0-2", async (stage) => {
			const clientId = stage.id();
			await absent(stage, clientId, stage.topic());
			const second = await stage.login({ clientId, clean: false });
			await second.leave();
			const { connack } = await stage.connect(stage.lasting(clientId));
			expect(connack.sessionPresent).toBe(false);
		}),
		both("what was under way comes to the connection that takes over", "4.4.0-1", "4.4.0-1 3.1.4-3", async (stage) => {
			const clientId = stage.id();
			const older = await stage.login(stage.lasting(clientId));
			await older.subscribe(stage.topic());
			const publisher = await stage.login();
			for (const qos of [1, 2] as const) await publisher.publish(stage.topic(), `${qos}`, { qos });
			const ids = [(await older.expect("publish")).messageId, (await older.expect("publish")).messageId];
			const newer = await stage.login(stage.lasting(clientId));
			const again = await newer.messages(2);
			expect(again.map(brief)).toEqual([`${stage.topic()}=1 q1 dup`, `${stage.topic()}=2 q2 dup`]);
			expect(again.map(({ messageId }) => messageId)).toEqual(ids);
			expect(await stage.settled(newer, publisher)).toEqual([]);
		}),
		both("taking over ten times in a row loses nothing", "4.1.0-1", "3.1.4-3", async (stage) => {
			const clientId = stage.id();
			const publisher = await stage.login();
			let client = await stage.login(stage.lasting(clientId));
			await client.subscribe(stage.topic(), 1);
			for (let times = 0; times < 10; times++) {
				const published = publisher.publish(stage.topic(), `${times}`);
				const next = await stage.login(stage.lasting(clientId));
				await published;
				await client.closed();
				client = next;
			}
			await stage.fence(client, publisher);
			const got = client.pending().map(({ payload }) => Number(payload));
			expect([...new Set(got)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
		}),
		both(
			"a session outlives a restart of the broker, with what waits",
			"4.1.0-1",
			"3.1.2-23 4.5.0-1",
			async (stage) => {
				const target = await stage.restartable();
				const clientId = stage.id();
				const client = await stage.login(stage.lasting(clientId), target.port);
				await client.subscribe(stage.topic());
				await client.leave();
				const publisher = await stage.login({}, target.port);
				await publisher.publish(stage.topic(), "one", { qos: 1 });
				await publisher.publish(stage.topic(), "two", { qos: 2 });
				await target.restart();
				const { client: again, connack } = await stage.connect(stage.lasting(clientId), target.port);
				expect(connack.sessionPresent).toBe(true);
				expect((await again.messages(2)).map(brief)).toEqual([`${stage.topic()}=one q1`, `${stage.topic()}=two q2`]);
			},
			{ needs: "restart" },
		),
		five(
			"the expiry interval of a session goes on over a restart of the broker",
			"4.1.0-2",
			async (stage) => {
				const target = await stage.restartable();
				const [brief, long] = [stage.id(), stage.id()];
				for (const [clientId, sessionExpiryInterval] of [
					[brief, 4],
					[long, 60],
				] as const) {
					const client = await stage.login(
						{ clientId, clean: false, properties: { sessionExpiryInterval } },
						target.port,
					);
					await client.leave();
				}
				await target.restart();
				await stage.pass(5.5);
				const properties = { sessionExpiryInterval: 60 };
				const ended = await stage.connect({ clientId: brief, clean: false, properties }, target.port);
				expect(ended.connack.sessionPresent).toBe(false);
				const kept = await stage.connect({ clientId: long, clean: false, properties }, target.port);
				expect(kept.connack.sessionPresent).toBe(true);
			},
			{ slow: true, needs: "restart" },
		),
		both("retained messages outlive the session of their publisher", "3.1.2-7", "3.3.1-5", async (stage) => {
			const publisher = await stage.login();
			await publisher.publish(stage.topic(), "kept", { retain: true });
			await publisher.leave();
			const client = await stage.login();
			await client.subscribe(stage.topic());
			expect(brief(await client.message())).toBe(`${stage.topic()}=kept q1 retain`);
			await client.publish(stage.topic(), "", { retain: true });
		}),
	],
};
