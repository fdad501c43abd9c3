/** Chapter 3.3.4: several subscriptions of one client that select a message, and subscription identifiers. */

import { expect } from "@jest/globals";
import { both, type Chapter, five } from "../case";
import { brief, type Publish } from "../client";

/** `q1 #7`: QoS and subscription identifiers. */
function identified({ qos, properties }: Publish): string {
	const ids = [properties?.subscriptionIdentifier ?? []].flat();
	return [`q${qos}`, ...ids.map((id) => `#${id}`)].join(" ");
}

export const overlap: Chapter = {
	title: "3.3.4 Overlapping subscriptions",
	cases: [
		both(
			"without identifiers a message comes with the highest QoS that was granted",
			"3.3.5-1",
			"3.3.4-2",
			async (stage) => {
				const client = await stage.login();
				for (const [filter, qos] of [
					["#", 0],
					["+", 2],
					["t", 1],
				] as const) {
					await client.subscribe(`${stage.name}/${filter}`, qos);
				}
				await client.publish(stage.topic(), "x", { qos: 2 });
				expect(brief(await client.message())).toBe(`${stage.topic()}=x q2`);
				// Others may follow for the other subscriptions: then in no higher QoS.
				for (const packet of await stage.settled(client, client)) expect(packet).toMatch(/q[01]$/);
			},
		),
		both("without identifiers a message comes once", "3.3.5-1", "3.3.4-2", async (stage) => {
			const client = await stage.login();
			for (const [filter, qos] of [
				["#", 0],
				["+", 2],
				["t", 1],
			] as const) {
				await client.subscribe(`${stage.name}/${filter}`, qos);
			}
			await client.publish(stage.topic(), "x", { qos: 2 });
			await client.message();
			expect(await stage.settled(client, client)).toEqual([]);
		}),
		both("a message that waits has the highest QoS too, and waits once", "3.3.5-1", "3.3.4-2", async (stage) => {
			const clientId = stage.id();
			const client = await stage.login(stage.lasting(clientId));
			await client.subscribe(`${stage.name}/#`, 1);
			await client.subscribe(stage.topic(), 2);
			await client.leave();
			const publisher = await stage.login();
			await publisher.publish(stage.topic(), "x", { qos: 2 });
			const back = await stage.login(stage.lasting(clientId));
			expect(brief(await back.message())).toBe(`${stage.topic()}=x q2`);
			expect(await stage.settled(back, publisher)).toEqual([]);
		}),
		five("a message carries the identifier of its subscription", "3.3.4-3", async (stage) => {
			const client = await stage.login();
			await client.subscribe(`${stage.name}/+`, 1, {}, { subscriptionIdentifier: 268_435_455 });
			await client.publish(stage.topic(), "x");
			expect(identified(await client.message())).toBe("q1 #268435455");
		}),
		five("a message of a subscription without identifier carries none", "3.3.4-3", async (stage) => {
			const client = await stage.login();
			await client.subscribe(stage.topic("with"), 1, {}, { subscriptionIdentifier: 3 });
			await client.subscribe(stage.topic(), 1);
			await client.publish(stage.topic(), "x");
			expect(identified(await client.message())).toBe("q1");
		}),
		five("all identifiers of overlapping subscriptions are sent", "3.3.4-3 3.3.4-4", async (stage) => {
			const client = await stage.login();
			await client.subscribe(`${stage.name}/#`, 1, {}, { subscriptionIdentifier: 1 });
			await client.subscribe(stage.topic(), 1, {}, { subscriptionIdentifier: 2 });
			await client.publish(stage.topic(), "x");
			await stage.fence(client, client);
			const ids = client.pending().flatMap(({ properties }) => properties?.subscriptionIdentifier ?? []);
			expect(ids.sort()).toEqual([1, 2]);
		}),
		five(
			"overlapping subscriptions with identifiers get a copy each, with identifier and QoS of their own",
			"3.3.4-5 3.3.4-2",
			async (stage) => {
				const client = await stage.login();
				await client.subscribe(`${stage.name}/#`, 0, {}, { subscriptionIdentifier: 1 });
				await client.subscribe(`${stage.name}/+`, 2, {}, { subscriptionIdentifier: 2 });
				await client.subscribe(stage.topic(), 1, {}, { subscriptionIdentifier: 3 });
				await client.publish(stage.topic(), "x", { qos: 2 });
				const got = (await client.messages(3)).map(identified).sort();
				expect(got).toEqual(["q0 #1", "q1 #3", "q2 #2"]);
				expect(await stage.settled(client, client)).toEqual([]);
			},
		),
		five("messages that wait keep the identifier of their subscription", "3.3.4-3", async (stage) => {
			const clientId = stage.id();
			const client = await stage.login(stage.lasting(clientId));
			await client.subscribe(stage.topic(), 1, {}, { subscriptionIdentifier: 42 });
			await client.leave();
			const publisher = await stage.login();
			await publisher.publish(stage.topic(), "x");
			const back = await stage.login(stage.lasting(clientId));
			expect(identified(await back.message())).toBe("q1 #42");
		}),
		five(
			"a subscription of a resumed session keeps its identifier and its options",
			"3.3.4-3 3.8.3-3",
			async (stage) => {
				const clientId = stage.id();
				const client = await stage.login(stage.lasting(clientId));
				await client.subscribe(stage.topic(), 1, { nl: true, rap: true }, { subscriptionIdentifier: 42 });
				await client.leave();
				const back = await stage.login(stage.lasting(clientId));
				await back.publish(stage.topic(), "own");
				const other = await stage.login();
				await other.publish(stage.topic(), "x", { retain: true });
				const packet = await back.message();
				expect([brief(packet), identified(packet)]).toEqual([`${stage.topic()}=x q1 retain`, "q1 #42"]);
				await other.publish(stage.topic(), "", { retain: true });
			},
		),
		five("a retained message carries the identifier of the new subscription", "3.3.4-3", async (stage) => {
			const client = await stage.login();
			await client.publish(stage.topic(), "x", { retain: true });
			await client.subscribe(stage.topic(), 1, {}, { subscriptionIdentifier: 5 });
			expect(identified(await client.message())).toBe("q1 #5");
			await client.publish(stage.topic(), "", { retain: true });
		}),
		five(
			"each overlapping subscription of one SUBSCRIBE finds its retained messages",
			"3.3.1-9 3.3.4-3",
			async (stage) => {
				const client = await stage.login();
				await client.publish(stage.topic(), "x", { retain: true });
				await client.subscribe([stage.topic(), `${stage.name}/+`], 1, {}, { subscriptionIdentifier: 5 });
				expect((await client.messages(2)).map(identified)).toEqual(["q1 #5", "q1 #5"]);
				await client.publish(stage.topic(), "", { retain: true });
			},
		),
		five("no local holds for its own subscription alone", "3.8.3-3", async (stage) => {
			const client = await stage.login();
			await client.subscribe(stage.topic(), 2, { nl: true }, { subscriptionIdentifier: 1 });
			await client.subscribe(`${stage.name}/+`, 1, {}, { subscriptionIdentifier: 2 });
			await client.publish(stage.topic(), "own", { qos: 2 });
			expect(identified(await client.message())).toBe("q1 #2");
			expect(await stage.settled(client, client)).toEqual([]);
		}),
		five("overlapping messages that wait are copies with identifiers of their own too", "3.3.4-5", async (stage) => {
			const clientId = stage.id();
			const client = await stage.login(stage.lasting(clientId));
			await client.subscribe(`${stage.name}/+`, 2, {}, { subscriptionIdentifier: 2 });
			await client.subscribe(stage.topic(), 1, {}, { subscriptionIdentifier: 3 });
			await client.leave();
			const publisher = await stage.login();
			await publisher.publish(stage.topic(), "x", { qos: 2 });
			const back = await stage.login(stage.lasting(clientId));
			expect((await back.messages(2)).map(identified).sort()).toEqual(["q1 #3", "q2 #2"]);
			expect(await stage.settled(back, publisher)).toEqual([]);
		}),
		five("subscribing again changes the identifier", "3.8.4-3", async (stage) => {
			const client = await stage.login();
			await client.subscribe(stage.topic(), 1, {}, { subscriptionIdentifier: 5 });
			await client.subscribe(stage.topic(), 1, {}, { subscriptionIdentifier: 6 });
			await client.publish(stage.topic(), "x");
			expect(identified(await client.message())).toBe("q1 #6");
			await client.subscribe(stage.topic(), 1);
			await client.publish(stage.topic(), "x");
			expect(identified(await client.message())).toBe("q1");
		}),
		five(
			"identifiers outlive a restart of the broker",
			"3.3.4-3",
			async (stage) => {
				const target = await stage.restartable();
				const clientId = stage.id();
				const client = await stage.login(stage.lasting(clientId), target.port);
				await client.subscribe(stage.topic(), 1, {}, { subscriptionIdentifier: 42 });
				await client.leave();
				const publisher = await stage.login({}, target.port);
				await publisher.publish(stage.topic(), "waits");
				await target.restart();
				const back = await stage.login(stage.lasting(clientId), target.port);
				expect(identified(await back.message())).toBe("q1 #42");
				await back.publish(stage.topic(), "live");
				expect(identified(await back.message())).toBe("q1 #42");
			},
			{ needs: "restart" },
		),
	],
};
