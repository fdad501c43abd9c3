/** Chapter 3.1.2.5 and 3.1.3.2: the will. */

import { expect } from "@jest/globals";
import { both, type Chapter, five } from "../case";
import { brief } from "../client";

const payload = Buffer.from("gone");

export const will: Chapter = {
	title: "3.1 The will",
	cases: [
		both("the will is published when the connection is lost", "3.1.2-8", "3.1.2-7 3.1.2-8", async (stage) => {
			const witness = await stage.login();
			const topic = stage.topic();
			await witness.subscribe(topic);
			const client = await stage.login({ will: { topic, payload, qos: 1, retain: false } });
			client.drop();
			expect(brief(await witness.message())).toBe(`${topic}=gone q1`);
		}),
		both("the will is published when the client breaks the protocol", "3.1.2-8", "3.1.2-8", async (stage) => {
			const witness = await stage.login();
			const topic = stage.topic();
			await witness.subscribe(topic);
			const client = await stage.login({ will: { topic, payload, qos: 2, retain: false } });
			client.send(Buffer.from([0xf3, 0]));
			expect(brief(await witness.message())).toBe(`${topic}=gone q2`);
		}),
		both(
			"the will is published when the keep alive has passed",
			"3.1.2-24 3.1.2-8",
			"3.1.2-22 3.1.2-8",
			async (stage) => {
				const witness = await stage.login();
				const topic = stage.topic();
				await witness.subscribe(topic);
				await stage.login({ keepalive: 1, will: { topic, payload, qos: 0, retain: false } });
				expect(brief(await witness.message())).toBe(`${topic}=gone q0`);
			},
			{ slow: true },
		),
		both("the will is published once", "3.1.2-10", "3.1.2-10", async (stage) => {
			const witness = await stage.login();
			const topic = stage.topic();
			await witness.subscribe(topic);
			const clientId = stage.id();
			const client = await stage.login(stage.lasting(clientId, { will: { topic, payload, qos: 1, retain: false } }));
			client.drop();
			await witness.message();
			const again = await stage.login(stage.lasting(clientId));
			again.drop();
			// The broker has seen the end of the connection when the next one is there.
			await stage.login(stage.lasting(clientId));
			expect(await stage.settled(witness, await stage.login())).toEqual([]);
		}),
		both("DISCONNECT drops the will", "3.1.2-10 3.14.4-3", "3.1.2-10 3.14.4-3", async (stage) => {
			const witness = await stage.login();
			const topic = stage.topic();
			await witness.subscribe(topic);
			const client = await stage.login({ will: { topic, payload, qos: 1, retain: true } });
			await client.leave();
			expect(await stage.settled(witness, await stage.login())).toEqual([]);
		}),
		five("DISCONNECT with 0x04 publishes the will", "3.1.2-8", async (stage) => {
			const witness = await stage.login();
			const topic = stage.topic();
			await witness.subscribe(topic);
			const client = await stage.login({ will: { topic, payload, qos: 1, retain: false } });
			await client.leave(0x04);
			expect(brief(await witness.message())).toBe(`${topic}=gone q1`);
		}),
		both("nothing is published for a client without will", "3.1.2-12", "3.1.2-7", async (stage) => {
			const witness = await stage.login();
			const clientId = stage.id();
			await witness.subscribe(`${stage.name}/#`);
			const client = await stage.login({ clientId });
			client.drop();
			await stage.login({ clientId });
			expect(await stage.settled(witness, await stage.login())).toEqual([]);
		}),
		both("a will without retain is not retained", "3.1.2-16", "3.1.2-14", async (stage) => {
			const witness = await stage.login();
			const topic = stage.topic();
			await witness.subscribe(topic);
			const client = await stage.login({ will: { topic, payload, qos: 0, retain: false } });
			client.drop();
			await witness.message();
			const late = await stage.login();
			await late.subscribe(topic);
			expect(await stage.settled(late, witness)).toEqual([]);
		}),
		both("a will with retain is retained", "3.1.2-17", "3.1.2-15", async (stage) => {
			const witness = await stage.login();
			const topic = stage.topic();
			await witness.subscribe(topic);
			const client = await stage.login({ will: { topic, payload, qos: 1, retain: true } });
			client.drop();
			expect(brief(await witness.message())).toBe(`${topic}=gone q1`);
			const late = await stage.login();
			await late.subscribe(topic);
			expect(brief(await late.message())).toBe(`${topic}=gone q1 retain`);
			await witness.publish(topic, "", { retain: true });
		}),
		both("a will may have an empty payload", "3.1.2-9", "3.1.2-9", async (stage) => {
			const witness = await stage.login();
			const topic = stage.topic();
			await witness.subscribe(topic);
			const client = await stage.login({ will: { topic, payload: "", qos: 1, retain: false } });
			client.drop();
			expect(brief(await witness.message())).toBe(`${topic}= q1`);
		}),
		both(
			"the will of a client that is taken over is published",
			"3.1.4-2 3.1.2-8",
			"3.1.4-3 3.1.2-8",
			async (stage) => {
				const witness = await stage.login();
				const topic = stage.topic();
				await witness.subscribe(topic);
				const clientId = stage.id();
				await stage.login({ clientId, will: { topic, payload, qos: 1, retain: false } });
				await stage.login({ clientId });
				expect(brief(await witness.message())).toBe(`${topic}=gone q1`);
			},
		),
		five("the will comes with its properties, its user properties in their order", "3.1.3-10", async (stage) => {
			const witness = await stage.login();
			const topic = stage.topic();
			await witness.subscribe(topic);
			const properties = {
				contentType: "text/plain",
				responseTopic: "answer",
				correlationData: Buffer.from("42"),
				payloadFormatIndicator: true,
				messageExpiryInterval: 600,
				userProperties: { b: ["2", "1"], a: "3" },
			};
			const client = await stage.login({ will: { topic, payload, qos: 1, retain: false, properties } });
			client.drop();
			const { properties: got } = await witness.message();
			expect(got).toMatchObject({ ...properties, messageExpiryInterval: expect.any(Number) });
			expect(Object.keys(got ?? {})).not.toContain("willDelayInterval");
			const order = Buffer.from("2600016200013226000162000131260001610001 33".replaceAll(" ", ""), "hex");
			expect(witness.bytes.includes(order)).toBe(true);
		}),
		five("a will delay holds the will back", "3.1.2-8", async (stage) => {
			const witness = await stage.login();
			const topic = stage.topic();
			await witness.subscribe(topic);
			const will = { topic, payload, qos: 1, retain: false, properties: { willDelayInterval: 600 } } as const;
			const clientId = stage.id();
			const client = await stage.login(stage.lasting(clientId, { will }));
			client.drop();
			expect(await stage.settled(witness, await stage.login())).toEqual([]);
			// So that it does not outlive the test.
			await stage.login(stage.lasting(clientId));
		}),
		five(
			"a will is published when its delay has passed",
			"3.1.2-8",
			async (stage) => {
				const witness = await stage.login();
				const topic = stage.topic();
				await witness.subscribe(topic);
				const will = { topic, payload, qos: 1, retain: false, properties: { willDelayInterval: 1 } } as const;
				const client = await stage.login(stage.lasting(stage.id(), { will }));
				client.drop();
				expect(brief(await witness.message())).toBe(`${topic}=gone q1`);
			},
			{ slow: true },
		),
		five(
			"a client that is back within the will delay has no will published",
			"3.1.3-9 3.1.2-8",
			async (stage) => {
				const witness = await stage.login();
				const topic = stage.topic();
				await witness.subscribe(topic);
				const clientId = stage.id();
				const properties = { willDelayInterval: 4 };
				const client = await stage.login(
					stage.lasting(clientId, { will: { topic, payload, qos: 1, retain: false, properties } }),
				);
				client.drop();
				await stage.login(stage.lasting(clientId));
				await stage.pass(5.5);
				expect(await stage.settled(witness, await stage.login())).toEqual([]);
			},
			{ slow: true },
		),
		five("the end of the session publishes the will before its delay has passed", "3.1.2-8", async (stage) => {
			const witness = await stage.login();
			const topic = stage.topic();
			await witness.subscribe(topic);
			const properties = { willDelayInterval: 600 };
			const client = await stage.login({ will: { topic, payload, qos: 1, retain: false, properties } });
			client.drop();
			expect(brief(await witness.message())).toBe(`${topic}=gone q1`);
		}),
		five(
			"the expiry of the session publishes a will whose delay is longer",
			"3.1.2-8",
			async (stage) => {
				const witness = await stage.login();
				const topic = stage.topic();
				await witness.subscribe(topic);
				const will = { topic, payload, qos: 1, retain: false, properties: { willDelayInterval: 600 } } as const;
				const fields = { clientId: stage.id(), clean: false, will, properties: { sessionExpiryInterval: 1 } };
				(await stage.login(fields)).drop();
				expect(brief(await witness.message())).toBe(`${topic}=gone q1`);
			},
			{ slow: true },
		),
		five(
			"a delayed will is not published when its session is taken over",
			"3.1.3-9",
			async (stage) => {
				const witness = await stage.login();
				const topic = stage.topic();
				await witness.subscribe(topic);
				const clientId = stage.id();
				const will = { topic, payload, qos: 1, retain: false, properties: { willDelayInterval: 4 } } as const;
				const older = await stage.login(stage.lasting(clientId, { will }));
				await stage.login(stage.lasting(clientId));
				await older.closed();
				await stage.pass(5.5);
				expect(await stage.settled(witness, await stage.login())).toEqual([]);
			},
			{ slow: true },
		),
		five("DISCONNECT with 0x04 keeps to the will delay", "3.1.2-8", async (stage) => {
			const witness = await stage.login();
			const topic = stage.topic();
			await witness.subscribe(topic);
			const will = { topic, payload, qos: 1, retain: false, properties: { willDelayInterval: 600 } } as const;
			const clientId = stage.id();
			const client = await stage.login(stage.lasting(clientId, { will }));
			await client.leave(0x04);
			expect(await stage.settled(witness, await stage.login())).toEqual([]);
			await stage.login(stage.lasting(clientId));
		}),
		both("a will waits for a subscriber that is away", "4.5.0-1", "4.5.0-1", async (stage) => {
			const watcher = stage.id();
			const away = await stage.login(stage.lasting(watcher));
			await away.subscribe(stage.topic());
			await away.leave();
			const clientId = stage.id();
			const client = await stage.login({ clientId, will: { topic: stage.topic(), payload, qos: 2, retain: false } });
			client.drop();
			// The broker has seen the end of the connection when the next one is there.
			await stage.login({ clientId });
			const back = await stage.login(stage.lasting(watcher));
			expect(brief(await back.message())).toBe(`${stage.topic()}=gone q2`);
		}),
		five(
			"a will that expires is not kept longer",
			"3.3.2-5",
			async (stage) => {
				const topic = stage.topic();
				const properties = { messageExpiryInterval: 1 };
				const clientId = stage.id();
				const client = await stage.login({ clientId, will: { topic, payload, qos: 1, retain: true, properties } });
				client.drop();
				const next = await stage.login({ clientId });
				await stage.pass(2.2);
				const late = await stage.login();
				await late.subscribe(topic);
				expect(await stage.settled(late, next)).toEqual([]);
			},
			{ slow: true },
		),
		five("a clean start publishes the will that was delayed", "3.1.2-8 3.1.2-4", async (stage) => {
			const witness = await stage.login();
			const topic = stage.topic();
			await witness.subscribe(topic);
			const clientId = stage.id();
			const properties = { willDelayInterval: 600 };
			const client = await stage.login(
				stage.lasting(clientId, { will: { topic, payload, qos: 1, retain: false, properties } }),
			);
			client.drop();
			await stage.login({ clientId, clean: true });
			expect(brief(await witness.message())).toBe(`${topic}=gone q1`);
		}),
		five(
			"a delayed will outlives a restart of the broker",
			"3.1.2-8",
			async (stage) => {
				const target = await stage.restartable();
				const topic = stage.topic();
				const properties = { willDelayInterval: 2 };
				const fields = stage.lasting(stage.id(), { will: { topic, payload, qos: 1, retain: true, properties } });
				const client = await stage.login(fields, target.port);
				client.drop();
				await stage.pass(0.2);
				await target.restart();
				const witness = await stage.login({}, target.port);
				await witness.subscribe(topic);
				expect(brief(await witness.message())).toMatch(`${topic}=gone q1`);
			},
			{ slow: true, needs: "restart" },
		),
	],
};
