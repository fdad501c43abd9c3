/** Chapter 3.3.1.3: the RETAIN flag, and what subscriptions of MQTT 5 ask about it. */

import { expect } from "@jest/globals";
import { both, type Chapter, five, four } from "../case";
import { brief, type Client } from "../client";
import type { Stage } from "../stage";

/** Publishes retained, and takes it away at the end. */
async function withRetained(stage: Stage, topic: string, payload: string, act: (publisher: Client) => Promise<void>) {
	const publisher = await stage.login();
	await publisher.publish(topic, payload, { retain: true });
	await act(publisher);
	await publisher.publish(topic, "", { retain: true });
}

export const retain: Chapter = {
	title: "3.3.1.3 Retained messages",
	cases: [
		both(
			"a later retained message takes the place of the one before",
			"3.3.1-5 3.3.1-6",
			"3.3.1-5 3.3.1-9",
			async (stage) => {
				const topic = stage.topic();
				await withRetained(stage, topic, "old", async (publisher) => {
					await publisher.publish(topic, "new", { retain: true, qos: 2 });
					const client = await stage.login();
					await client.subscribe(topic);
					expect(brief(await client.message())).toBe(`${topic}=new q2 retain`);
					expect(await stage.settled(client, publisher)).toEqual([]);
				});
			},
		),
		both("a message with QoS 0 is retained too", "3.3.1-7", "3.3.1-5", async (stage) => {
			const topic = stage.topic();
			await withRetained(stage, topic, "old", async (publisher) => {
				await publisher.publish(topic, "new", { retain: true, qos: 0 });
				await publisher.ping();
				const client = await stage.login();
				await client.subscribe(topic);
				expect(brief(await client.message())).toBe(`${topic}=new q0 retain`);
			});
		}),
		both(
			"a new subscription gets all retained messages that it selects",
			"3.3.1-6 3.3.1-8",
			"3.3.1-9",
			async (stage) => {
				const publisher = await stage.login();
				const topics = ["a", "b", "b/c", ""].map((end) => stage.topic(end));
				for (const topic of topics) await publisher.publish(topic, "x", { retain: true });
				const client = await stage.login();
				await client.subscribe(`${stage.name}/#`);
				const got = (await client.messages(4)).map(brief).sort();
				expect(got).toEqual(topics.map((topic) => `${topic}=x q1 retain`).sort());
				for (const topic of topics) await publisher.publish(topic, "", { retain: true });
			},
		),
		both("a/+ selects the retained message on a/", "4.7.1-3", "4.7.1-2", async (stage) => {
			await withRetained(stage, `${stage.name}/`, "x", async () => {
				const client = await stage.login();
				await client.subscribe(`${stage.name}/+`);
				expect(brief(await client.message())).toBe(`${stage.name}/=x q1 retain`);
			});
		}),
		both(
			"an empty retained message removes the one before, and is delivered as usual",
			"3.3.1-10",
			"3.3.1-6",
			async (stage) => {
				const publisher = await stage.login();
				await publisher.publish(stage.topic(), "old", { retain: true });
				const present = await stage.login();
				await present.subscribe(stage.topic());
				await present.message();
				await publisher.publish(stage.topic(), "", { retain: true });
				expect(brief(await present.message())).toBe(`${stage.topic()}= q1`);
				const late = await stage.login();
				await late.subscribe(stage.topic());
				expect(await stage.settled(late, publisher)).toEqual([]);
			},
		),
		both("an empty retained message is not kept", "3.3.1-11", "3.3.1-7", async (stage) => {
			const publisher = await stage.login();
			await publisher.publish(stage.topic(), "", { retain: true });
			const late = await stage.login();
			await late.subscribe(stage.topic());
			expect(await stage.settled(late, publisher)).toEqual([]);
		}),
		both(
			"a message without RETAIN neither is kept nor takes the place of one",
			"3.3.1-12",
			"3.3.1-8",
			async (stage) => {
				await withRetained(stage, stage.topic(), "kept", async (publisher) => {
					await publisher.publish(stage.topic(), "passing");
					await publisher.publish(stage.topic(), "");
					await publisher.publish(stage.topic("other"), "passing");
					const late = await stage.login();
					await late.subscribe([stage.topic(), stage.topic("other")]);
					expect(brief(await late.message())).toBe(`${stage.topic()}=kept q1 retain`);
					expect(await stage.settled(late, publisher)).toEqual([]);
				});
			},
		),
		both("RETAIN is 0 for a subscription that is there already", "3.3.1-9", "3.3.1-12", async (stage) => {
			const client = await stage.login();
			await client.subscribe(stage.topic());
			await client.publish(stage.topic(), "x", { retain: true });
			expect(brief(await client.message())).toBe(`${stage.topic()}=x q1`);
			await client.publish(stage.topic(), "", { retain: true });
		}),
		both("RETAIN is 0 for a message that waited for its subscriber", "3.3.1-9", "3.3.1-12", async (stage) => {
			const clientId = stage.id();
			const away = await stage.login(stage.lasting(clientId));
			await away.subscribe(stage.topic());
			await away.leave();
			await withRetained(stage, stage.topic(), "x", async () => {
				const back = await stage.login(stage.lasting(clientId));
				expect(brief(await back.message())).toBe(`${stage.topic()}=x q1`);
			});
		}),
		four("subscribing again delivers the retained message again", "3.8.4-3", async (stage) => {
			await withRetained(stage, stage.topic(), "x", async () => {
				const client = await stage.login();
				for (let times = 0; times < 2; times++) {
					await client.subscribe(stage.topic());
					expect(brief(await client.message())).toBe(`${stage.topic()}=x q1 retain`);
				}
			});
		}),
		five("retain as published keeps the flag, for live and for queued messages", "3.3.1-13", async (stage) => {
			const clientId = stage.id();
			const client = await stage.login(stage.lasting(clientId));
			await client.subscribe(stage.topic(), 2, { rap: true });
			const publisher = await stage.login();
			await publisher.publish(stage.topic(), "live", { retain: true });
			await publisher.publish(stage.topic(), "not");
			expect((await client.messages(2)).map(brief)).toEqual([
				`${stage.topic()}=live q1 retain`,
				`${stage.topic()}=not q1`,
			]);
			await client.leave();
			await publisher.publish(stage.topic(), "queued", { retain: true });
			await publisher.publish(stage.topic(), "not");
			const back = await stage.login(stage.lasting(clientId));
			expect((await back.messages(2)).map(brief)).toEqual([
				`${stage.topic()}=queued q1 retain`,
				`${stage.topic()}=not q1`,
			]);
			await publisher.publish(stage.topic(), "", { retain: true });
		}),
		five("a retained message has the flag without retain as published too", "3.3.1-9", async (stage) => {
			await withRetained(stage, stage.topic(), "x", async () => {
				const client = await stage.login();
				await client.subscribe(stage.topic(), 2, { rap: false, rh: 0 });
				expect(brief(await client.message())).toBe(`${stage.topic()}=x q1 retain`);
			});
		}),
		five("retain handling 0 sends retained messages with every SUBSCRIBE", "3.3.1-9 3.8.4-4", async (stage) => {
			await withRetained(stage, stage.topic(), "x", async () => {
				const client = await stage.login();
				for (let times = 0; times < 2; times++) {
					await client.subscribe(stage.topic(), 2, { rh: 0 });
					expect(brief(await client.message())).toBe(`${stage.topic()}=x q1 retain`);
				}
			});
		}),
		five("retain handling 1 sends them only to a subscription that is new", "3.3.1-10", async (stage) => {
			await withRetained(stage, stage.topic(), "x", async (publisher) => {
				const client = await stage.login();
				await client.subscribe(stage.topic(), 2, { rh: 1 });
				expect(brief(await client.message())).toBe(`${stage.topic()}=x q1 retain`);
				await client.subscribe(stage.topic(), 1, { rh: 1 });
				expect(await stage.settled(client, publisher)).toEqual([]);
				await client.unsubscribe(stage.topic());
				await client.subscribe(stage.topic(), 2, { rh: 1 });
				expect(brief(await client.message())).toBe(`${stage.topic()}=x q1 retain`);
			});
		}),
		five("retain handling 1 knows a subscription of a session that was resumed", "3.3.1-10", async (stage) => {
			await withRetained(stage, stage.topic(), "x", async (publisher) => {
				const clientId = stage.id();
				const client = await stage.login(stage.lasting(clientId));
				await client.subscribe(stage.topic(), 2, { rh: 1 });
				await client.message();
				await client.leave();
				const back = await stage.login(stage.lasting(clientId));
				await back.subscribe(stage.topic(), 2, { rh: 1 });
				expect(await stage.settled(back, publisher)).toEqual([]);
			});
		}),
		five("retain handling 2 sends none", "3.3.1-11", async (stage) => {
			await withRetained(stage, stage.topic(), "x", async (publisher) => {
				const client = await stage.login();
				await client.subscribe(stage.topic(), 2, { rh: 2 });
				expect(await stage.settled(client, publisher)).toEqual([]);
			});
		}),
		five("retain handling 3 closes the connection", "4.13.1-1", async (stage) => {
			const client = await stage.login();
			client.send(Buffer.from("8207000100000174 32".replace(" ", ""), "hex"));
			await stage.refuses(client, [0x81, 0x82]);
		}),
		both(
			"retained messages outlive a restart of the broker",
			"",
			"",
			async (stage) => {
				const target = await stage.restartable();
				const publisher = await stage.login({}, target.port);
				await publisher.publish(stage.topic(), "x", { retain: true });
				await target.restart();
				const client = await stage.login({}, target.port);
				await client.subscribe(stage.topic());
				expect(brief(await client.message())).toBe(`${stage.topic()}=x q1 retain`);
			},
			{ needs: "restart" },
		),
	],
};
