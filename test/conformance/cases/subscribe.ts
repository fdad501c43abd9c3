/** Chapters 3.8 to 3.11: SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK. */

import { expect } from "@jest/globals";
import { type Part, raw } from "../../broker/wire/raw-packet";
import { both, type Chapter, five, four } from "../case";
import { brief } from "../client";
import type { Stage } from "../stage";
import { user } from "../users";

function none({ v5 }: Stage): Part {
	return v5 ? [0] : [];
}

const levels = [0, 1, 2] as const;

export const subscribe: Chapter = {
	title: "3.8 to 3.11 SUBSCRIBE and UNSUBSCRIBE",
	cases: [
		both("SUBSCRIBE without a filter closes the connection", "3.8.3-3", "3.8.3-2", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x82, 0, 1, none(stage)));
			await stage.refuses(client, [0x81, 0x82]);
		}),
		both("UNSUBSCRIBE without a filter closes the connection", "3.10.3-2", "3.10.3-2", async (stage) => {
			const client = await stage.login();
			client.send(raw(0xa2, 0, 1, none(stage)));
			await stage.refuses(client, [0x81, 0x82]);
		}),
		both("a QoS of 3 closes the connection", "3.8.3-4", "4.13.1-1", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x82, 0, 1, none(stage), stage.topic(), 3));
			await stage.refuses(client, [0x81, 0x82]);
		}),
		...([0x40, 0x80] as const).map((bit) =>
			both(`the reserved bit ${bit} of the options closes the connection`, "3.8.3-4", "3.8.3-5", async (stage) => {
				const client = await stage.login();
				client.send(raw(0x82, 0, 1, none(stage), stage.topic(), bit));
				await stage.refuses(client, [0x81, 0x82]);
			}),
		),
		four("options of MQTT 5 close the connection of an older client", "3.8.3-4", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x82, 0, 1, stage.topic(), 0x04));
			await stage.refuses(client, []);
		}),
		both(
			"SUBACK has a code for each filter, in their order, which is the QoS granted",
			"3.8.4-1 3.8.4-5 3.8.4-6 3.9.3-1 3.9.3-2 3.8.4-4",
			"3.8.4-1 3.8.4-6 3.8.4-7 3.9.3-1 3.9.3-2 3.8.4-5",
			async (stage) => {
				const client = await stage.login();
				const subscriptions = ([2, 0, 1, 2] as const).map((qos, at) => ({ topic: stage.topic(`${at}`), qos }));
				client.send({ cmd: "subscribe", messageId: 5, subscriptions });
				expect((await client.expect("suback")).granted).toEqual([2, 0, 1, 2]);
				expect(client.raw.counts.suback).toBe(1);
			},
		),
		both(
			"a filter that is not allowed fails alone",
			"3.8.4-5 3.9.3-1 3.9.3-2",
			"3.8.4-6 3.9.3-1 3.9.3-2",
			async (stage) => {
				const client = await stage.login(user, stage.target.usersPort);
				const topic = `open/${stage.topic()}`;
				const { granted } = await client.subscribe([topic, "closed/x", `${topic}/2`], 1);
				expect(granted).toEqual([1, stage.v5 ? 0x87 : 0x80, 1]);
				await client.publish(topic, "x");
				expect(brief(await client.message())).toBe(`${topic}=x q1`);
			},
			{ needs: "users" },
		),
		...levels.flatMap((published) =>
			levels.map((granted) =>
				both(
					`what is published with QoS ${published} comes to a subscription with QoS ${granted} with the lesser`,
					"3.8.4-6",
					"3.8.4-8",
					async (stage) => {
						const client = await stage.login();
						await client.subscribe(stage.topic(), granted);
						await client.publish(stage.topic(), "x", { qos: published });
						expect((await client.message()).qos).toBe(Math.min(published, granted));
					},
				),
			),
		),
		both("a retained message comes with the lesser QoS too", "3.8.4-6", "3.8.4-8", async (stage) => {
			const client = await stage.login();
			await client.publish(stage.topic(), "x", { qos: 2, retain: true });
			await client.subscribe(stage.topic(), 1);
			expect(brief(await client.message())).toBe(`${stage.topic()}=x q1 retain`);
			await client.publish(stage.topic(), "", { retain: true });
		}),
		both("subscribing again takes the place of the subscription", "3.8.4-3", "3.8.4-3", async (stage) => {
			const client = await stage.login();
			await client.subscribe(stage.topic(), 2);
			await client.subscribe(stage.topic(), 0);
			await client.publish(stage.topic(), "x", { qos: 2 });
			expect(brief(await client.message())).toBe(`${stage.topic()}=x q0`);
			expect(await stage.settled(client, client)).toEqual([]);
		}),
		both("no message is lost while a subscription is replaced", "3.8.4-3", "3.8.4-4", async (stage) => {
			const client = await stage.login();
			const publisher = await stage.login();
			await client.subscribe(stage.topic(), 1);
			const all = Array.from({ length: 20 }, (_, at) => `${at}`);
			const published = (async () => {
				for (const payload of all) await publisher.publish(stage.topic(), payload);
			})();
			for (let times = 0; times < 10; times++) await client.subscribe(stage.topic(), times % 2 ? 1 : 2);
			await published;
			const got = await client.messages(all.length);
			expect(got.map(({ payload }) => payload.toString())).toEqual(all);
		}),
		both("one SUBSCRIBE with a filter twice is as two: the last one holds", "3.8.4-4", "3.8.4-5", async (stage) => {
			const client = await stage.login();
			const topic = stage.topic();
			client.send({
				cmd: "subscribe",
				messageId: 9,
				subscriptions: [
					{ topic, qos: 2 },
					{ topic, qos: 1 },
				],
			});
			expect((await client.expect("suback")).granted).toEqual([2, 1]);
			await client.publish(topic, "x", { qos: 2 });
			expect(brief(await client.message())).toBe(`${topic}=x q1`);
			expect(await stage.settled(client, client)).toEqual([]);
		}),
		five("no local keeps a client's own messages from it, and only its own", "3.8.3-3", async (stage) => {
			const client = await stage.login();
			const other = await stage.login();
			await client.subscribe(stage.topic(), 2, { nl: true });
			await client.publish(stage.topic(), "own");
			await other.publish(stage.topic(), "other");
			expect((await client.message()).payload.toString()).toBe("other");
			expect(await stage.settled(client, client)).toEqual([]);
		}),
		five("no local holds for messages that wait, by client id", "3.8.3-3", async (stage) => {
			const clientId = stage.id();
			const client = await stage.login(stage.lasting(clientId));
			await client.subscribe(stage.topic(), 2, { nl: true });
			await client.publish(stage.topic(), "own");
			await client.leave();
			const back = await stage.login(stage.lasting(clientId));
			expect(await stage.settled(back, back)).toEqual([]);
		}),
		five("no local on a shared subscription closes the connection", "3.8.3-4", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x82, 0, 1, 0, `$share/g/${stage.topic()}`, 0x05));
			await stage.refuses(client, 0x82);
		}),
		...(["a#", "a+", "+b", "a/+b", "#/a", "a/#/b", "a/b#"] as const).map((filter) =>
			both(
				`the filter ${filter} is refused`,
				filter.includes("#") ? "4.7.1-2" : "4.7.1-3",
				filter.includes("#") ? "4.7.1-1" : "4.7.1-2",
				async (stage) => {
					const client = await stage.login();
					client.send(raw(0x82, 0, 1, none(stage), filter, 0));
					const answer = await client.expectOrClosed("suback");
					if (answer) expect(answer.granted).toEqual([stage.v5 ? 0x8f : 0x80]);
					else await stage.refuses(client, [0x81, 0x82, 0x8f]);
				},
			),
		),
		both("an empty filter is refused", "4.7.3-1", "4.7.3-1", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x82, 0, 1, none(stage), "", 0));
			await stage.refuses(client, [0x81, 0x82, 0x8f]);
		}),
		five("subscription identifier 0 closes the connection", "4.13.1-1", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x82, 0, 1, [2, 0x0b, 0], stage.topic(), 0));
			await stage.refuses(client, 0x82);
		}),
		five("two subscription identifiers in one SUBSCRIBE close the connection", "4.13.1-1", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x82, 0, 1, [4, 0x0b, 1, 0x0b, 2], stage.topic(), 0));
			await stage.refuses(client, 0x82);
		}),
		both(
			"UNSUBSCRIBE ends the subscription",
			"3.10.4-1 3.10.4-2 3.10.4-4",
			"3.10.4-1 3.10.4-2 3.10.4-4",
			async (stage) => {
				const client = await stage.login();
				await client.subscribe([stage.topic(), stage.topic("stays")]);
				await client.unsubscribe(stage.topic());
				await client.publish(stage.topic(), "x");
				await client.publish(stage.topic("stays"), "x");
				expect(brief(await client.message())).toBe(`${stage.topic("stays")}=x q1`);
			},
		),
		both("UNSUBSCRIBE compares filters character by character", "3.10.4-1", "3.10.4-1", async (stage) => {
			const client = await stage.login();
			const filter = `${stage.name}/+`;
			await client.subscribe(filter);
			await client.unsubscribe(`${stage.name}/t`, `${stage.name}/#`, filter.toUpperCase(), `${filter}/`);
			await client.publish(stage.topic(), "still");
			expect(brief(await client.message())).toBe(`${stage.topic()}=still q1`);
			await client.unsubscribe(filter);
			await client.publish(stage.topic(), "gone");
			expect(await stage.settled(client, client)).toEqual([]);
		}),
		both("UNSUBSCRIBE of what was not subscribed is answered", "3.10.4-5", "3.10.4-5 3.11.3-2", async (stage) => {
			const client = await stage.login();
			const { granted } = await client.unsubscribe(stage.topic());
			if (stage.v5) expect(granted).toEqual([0x11]);
		}),
		both(
			"UNSUBSCRIBE with several filters ends each, with one UNSUBACK",
			"3.10.4-6",
			"3.10.4-6 3.11.3-1",
			async (stage) => {
				const client = await stage.login();
				const topics = ["a", "b", "c"].map((end) => stage.topic(end));
				await client.subscribe([topics[0] as string, topics[2] as string]);
				const { granted } = await client.unsubscribe(...topics);
				if (stage.v5) expect(granted).toEqual([0, 0x11, 0]);
				for (const topic of topics) await client.publish(topic, "x");
				expect(await stage.settled(client, client)).toEqual([]);
				expect(client.raw.counts.unsuback).toBe(1);
			},
		),
		...([1, 2] as const).map((qos) =>
			both(
				`a message with QoS ${qos} that is under way is completed after UNSUBSCRIBE`,
				"3.10.4-3",
				"3.10.4-3",
				async (stage) => {
					const clientId = stage.id();
					const client = await stage.login(stage.lasting(clientId));
					await client.subscribe(stage.topic());
					await client.publish(stage.topic(), "x", { qos });
					const packet = await client.expect("publish");
					await client.unsubscribe(stage.topic());
					client.drop();
					const back = await stage.login(stage.lasting(clientId));
					const again = await back.message();
					expect(again).toMatchObject({ messageId: packet.messageId, dup: true });
				},
			),
		),
		both("a subscription for a session that is kept is kept", "4.5.0-1", "4.5.0-1", async (stage) => {
			const clientId = stage.id();
			const client = await stage.login(stage.lasting(clientId));
			await client.subscribe(stage.topic("a"));
			await client.subscribe(stage.topic("b"));
			await client.unsubscribe(stage.topic("a"));
			await client.leave();
			const publisher = await stage.login();
			for (const end of ["a", "b"]) await publisher.publish(stage.topic(end), "x");
			const back = await stage.login(stage.lasting(clientId));
			expect(brief(await back.message())).toBe(`${stage.topic("b")}=x q1`);
			expect(await stage.settled(back, publisher)).toEqual([]);
		}),
	],
};
