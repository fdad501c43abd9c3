/** Chapters 4.3 to 4.6: QoS, redelivery and order. */

import { expect } from "@jest/globals";
import { both, type Chapter, five } from "../case";
import { brief, publishPacket } from "../client";
import { user } from "../users";

export const quality: Chapter = {
	title: "4.3 to 4.6 QoS, redelivery, order",
	cases: [
		both(
			"after PUBACK the packet identifier stands for a new message, even with DUP",
			"4.3.2-2",
			"4.3.2-5",
			async (stage) => {
				const client = await stage.login();
				const witness = await stage.login();
				await witness.subscribe(stage.topic());
				for (const payload of ["one", "two"]) {
					client.send(publishPacket(stage.topic(), payload, { qos: 1, messageId: 7, dup: payload === "two" }));
					await client.expect("puback");
				}
				expect((await witness.messages(2)).map(({ payload }) => payload.toString())).toEqual(["one", "two"]);
			},
		),
		both(
			"a PUBLISH with QoS 2 that comes again before PUBREL is acknowledged and not delivered again",
			"4.3.3-2",
			"4.3.3-10",
			async (stage) => {
				const client = await stage.login();
				const witness = await stage.login();
				await witness.subscribe(stage.topic());
				for (const dup of [false, true]) {
					client.send(publishPacket(stage.topic(), "x", { qos: 2, messageId: 7, dup }));
					await client.expect("pubrec");
				}
				client.send({ cmd: "pubrel", messageId: 7 });
				await client.expect("pubcomp");
				await witness.message();
				expect(await stage.settled(witness, client)).toEqual([]);
			},
		),
		both("after PUBCOMP the packet identifier stands for a new message", "4.3.3-2", "4.3.3-12", async (stage) => {
			const client = await stage.login();
			const witness = await stage.login();
			await witness.subscribe(stage.topic());
			for (const payload of ["one", "two"]) await client.publish(stage.topic(), payload, { qos: 2, messageId: 7 });
			expect((await witness.messages(2)).map(({ payload }) => payload.toString())).toEqual(["one", "two"]);
		}),
		five(
			"after a PUBREC with a refusal the packet identifier stands for a new message",
			"4.3.3-9",
			async (stage) => {
				const client = await stage.login(user, stage.target.usersPort);
				const topic = `open/${stage.topic()}`;
				await client.subscribe(topic);
				expect(await client.publish("closed", "x", { qos: 2, messageId: 7 })).toBe(0x87);
				expect(await client.publish(topic, "x", { qos: 2, messageId: 7 })).toBe(0);
				expect(brief(await client.message())).toBe(`${topic}=x q2`);
			},
			{ needs: "users" },
		),
		both("PUBREL for an unknown packet identifier is answered", "4.3.3-2", "4.3.3-11 3.7.2-1", async (stage) => {
			const client = await stage.login();
			client.send({ cmd: "pubrel", messageId: 4_242 });
			const answer = await client.expect("pubcomp");
			expect(answer.messageId).toBe(4_242);
			if (stage.v5) expect([0, 0x92]).toContain(answer.reasonCode ?? 0);
		}),
		five("PUBREL for an unknown packet identifier is answered with 0x92", "3.7.2-1", async (stage) => {
			const client = await stage.login();
			client.send({ cmd: "pubrel", messageId: 4_242 });
			expect((await client.expect("pubcomp")).reasonCode).toBe(0x92);
		}),
		five("PUBREC for an unknown packet identifier is answered with PUBREL and 0x92", "3.6.2-1", async (stage) => {
			const client = await stage.login();
			client.send({ cmd: "pubrec", messageId: 4_242 });
			expect((await client.expect("pubrel")).reasonCode).toBe(0x92);
		}),
		both("PUBACK and PUBCOMP for unknown packet identifiers do no harm", "", "", async (stage) => {
			const client = await stage.login();
			client.send({ cmd: "puback", messageId: 4_242 }, { cmd: "pubcomp", messageId: 4_243 });
			await client.ping();
		}),
		...(
			[
				["PUBREC", 1, { cmd: "pubrec" }],
				["PUBACK", 2, { cmd: "puback" }],
				["PUBCOMP", 2, { cmd: "pubcomp" }],
			] as const
		).map(([what, qos, answer]) =>
			both(`${what} for a message with QoS ${qos}, which is wrong, does no harm to others`, "", "", async (stage) => {
				const client = await stage.login();
				const witness = await stage.login();
				await client.subscribe(stage.topic());
				await witness.publish(stage.topic(), "x", { qos });
				const { messageId = 0 } = await client.expect("publish");
				client.send({ ...answer, messageId });
				client.send({ cmd: "pingreq" });
				await client.expectOrClosed("pingresp");
				await witness.ping();
			}),
		),
		both("PUBREL twice is answered twice", "", "4.3.3-11", async (stage) => {
			const client = await stage.login();
			client.send(publishPacket(stage.topic(), "x", { qos: 2, messageId: 7 }));
			await client.expect("pubrec");
			client.send({ cmd: "pubrel", messageId: 7 }, { cmd: "pubrel", messageId: 7 });
			await client.raw.count("pubcomp", 2);
		}),
		both(
			"nothing is sent again while the connection lasts",
			"4.4.0-1",
			"4.4.0-1",
			async (stage) => {
				const client = await stage.login();
				await client.subscribe(stage.topic());
				await client.publish(stage.topic(), "one", { qos: 1 });
				await client.publish(stage.topic(), "two", { qos: 2 });
				await client.expect("publish");
				await client.expect("publish");
				await stage.pass(2);
				expect(await stage.settled(client, client)).toEqual([]);
			},
			{ slow: true },
		),
		both(
			"a message with QoS 1 that was not acknowledged comes again, with DUP and its packet identifier",
			"3.3.1-1 4.4.0-1 2.3.1-4 4.3.2-1",
			"3.3.1-1 4.4.0-1 4.3.2-3",
			async (stage) => {
				const clientId = stage.id();
				const client = await stage.login(stage.lasting(clientId));
				await client.subscribe(stage.topic());
				await client.publish(stage.topic(), "x", { qos: 1 });
				const { messageId, dup } = await client.expect("publish");
				expect(dup).toBe(false);
				client.drop();
				const back = await stage.login(stage.lasting(clientId));
				const again = await back.message();
				expect([brief(again), again.messageId]).toEqual([`${stage.topic()}=x q1 dup`, messageId]);
				back.drop();
				const third = await stage.login(stage.lasting(clientId));
				expect(await stage.settled(third, third)).toEqual([]);
			},
		),
		both(
			"a message with QoS 2 comes again until PUBREC, then PUBREL until PUBCOMP",
			"3.3.1-1 4.4.0-1 4.3.3-1",
			"3.3.1-1 4.4.0-1 4.3.3-3 4.3.3-5 4.3.3-6",
			async (stage) => {
				const clientId = stage.id();
				const client = await stage.login(stage.lasting(clientId));
				await client.subscribe(stage.topic());
				await client.publish(stage.topic(), "x", { qos: 2 });
				const { messageId = 0 } = await client.expect("publish");
				client.drop();
				const second = await stage.login(stage.lasting(clientId));
				const again = await second.expect("publish");
				expect([brief(again), again.messageId]).toEqual([`${stage.topic()}=x q2 dup`, messageId]);
				second.send({ cmd: "pubrec", messageId });
				await second.expect("pubrel");
				second.drop();
				const third = await stage.login(stage.lasting(clientId));
				expect((await third.expect("pubrel")).messageId).toBe(messageId);
				third.send({ cmd: "pubcomp", messageId });
				expect(await stage.settled(third, third)).toEqual([]);
				third.drop();
				const fourth = await stage.login(stage.lasting(clientId));
				expect(await stage.settled(fourth, fourth)).toEqual([]);
				expect(fourth.raw.counts.pubrel).toBeUndefined();
			},
		),
		both(
			"a PUBLISH with QoS 2 that comes again over a reconnect is delivered once",
			"4.3.3-2 4.1.0-1",
			"4.3.3-10 4.4.0-1",
			async (stage) => {
				const clientId = stage.id();
				const witness = await stage.login();
				await witness.subscribe(stage.topic());
				const client = await stage.login(stage.lasting(clientId));
				client.send(publishPacket(stage.topic(), "x", { qos: 2, messageId: 7 }));
				await client.expect("pubrec");
				client.drop();
				const back = await stage.login(stage.lasting(clientId));
				back.send(publishPacket(stage.topic(), "x", { qos: 2, messageId: 7, dup: true }));
				await back.expect("pubrec");
				back.drop();
				const third = await stage.login(stage.lasting(clientId));
				third.send({ cmd: "pubrel", messageId: 7 });
				await third.expect("pubcomp");
				expect(brief(await witness.message())).toBe(`${stage.topic()}=x q2`);
				expect(await stage.settled(witness, third)).toEqual([]);
			},
		),
		both("a clean start forgets packet identifiers of QoS 2", "3.1.2-6", "3.1.2-4", async (stage) => {
			const clientId = stage.id();
			const witness = await stage.login();
			await witness.subscribe(stage.topic());
			const client = await stage.login(stage.lasting(clientId));
			client.send(publishPacket(stage.topic(), "one", { qos: 2, messageId: 7 }));
			await client.expect("pubrec");
			client.drop();
			const fresh = await stage.login({ clientId, clean: true });
			await fresh.publish(stage.topic(), "two", { qos: 2, messageId: 7 });
			expect((await witness.message(({ payload }) => payload.toString() === "two")).qos).toBe(2);
		}),
		both(
			"QoS 2 outlives a restart of the broker, in both directions",
			"4.1.0-1 4.4.0-1",
			"4.4.0-1 4.3.3-10",
			async (stage) => {
				const target = await stage.restartable();
				const [sender, receiver] = [stage.id(), stage.id()];
				const away = await stage.login(stage.lasting(receiver), target.port);
				await away.subscribe(stage.topic());
				await away.leave();
				const client = await stage.login(stage.lasting(sender), target.port);
				client.send(publishPacket(stage.topic(), "x", { qos: 2, messageId: 7 }));
				await client.expect("pubrec");
				await target.restart();
				const again = await stage.login(stage.lasting(sender), target.port);
				again.send(publishPacket(stage.topic(), "x", { qos: 2, messageId: 7, dup: true }));
				await again.expect("pubrec");
				again.send({ cmd: "pubrel", messageId: 7 });
				await again.expect("pubcomp");
				const back = await stage.login(stage.lasting(receiver), target.port);
				expect((await back.message()).payload.toString()).toBe("x");
				expect(await stage.settled(back, again)).toEqual([]);
			},
			{ needs: "restart" },
		),
		...([1, 2] as const).map((qos) =>
			five(`a refusal with QoS ${qos} ends the delivery`, "4.4.0-2", async (stage) => {
				const clientId = stage.id();
				const client = await stage.login(stage.lasting(clientId));
				await client.subscribe(stage.topic());
				await client.publish(stage.topic(), "x", { qos });
				const { messageId = 0 } = await client.expect("publish");
				client.send({ cmd: qos === 1 ? "puback" : "pubrec", messageId, reasonCode: 0x83 });
				await client.ping();
				client.drop();
				const back = await stage.login(stage.lasting(clientId));
				expect(await stage.settled(back, back)).toEqual([]);
				expect(back.raw.counts.pubrel).toBeUndefined();
			}),
		),
		five(
			"a message with QoS 2 that was sent is not dropped when it expires",
			"4.3.3-7 4.3.3-13",
			async (stage) => {
				const clientId = stage.id();
				const client = await stage.login(stage.lasting(clientId));
				await client.subscribe(stage.topic());
				await client.publish(stage.topic(), "x", { qos: 2, properties: { messageExpiryInterval: 1 } });
				const { messageId = 0 } = await client.expect("publish");
				client.drop();
				await stage.pass(2.2);
				const back = await stage.login(stage.lasting(clientId));
				const again = await back.expect("publish");
				expect([again.messageId, again.dup]).toEqual([messageId, true]);
				await back.acknowledge(again);
			},
			{ slow: true },
		),
		both(
			"messages come in the order in which they were published, for each QoS",
			"4.6.0-5 4.6.0-6",
			"4.6.0-5 4.6.0-6",
			async (stage) => {
				const client = await stage.login();
				const publisher = await stage.login();
				await client.subscribe(`${stage.name}/#`);
				const all = Array.from({ length: 60 }, (_, at) => at);
				for (const at of all) {
					const qos = (at % 3) as 0 | 1 | 2;
					publisher.send(publishPacket(stage.topic(`${qos}`), `${at}`, { qos, messageId: at + 1 }));
				}
				for (const at of all) if (at % 3 === 2) publisher.send({ cmd: "pubrel", messageId: at + 1 });
				const got = await client.messages(all.length);
				for (const qos of [0, 1, 2]) {
					const numbers = got
						.filter(({ topic }) => topic === stage.topic(`${qos}`))
						.map(({ payload }) => Number(payload));
					expect(numbers).toEqual(all.filter((at) => at % 3 === qos));
				}
			},
		),
		both(
			"messages that waited come in their order, before those that were published later",
			"4.6.0-5 4.6.0-1 4.6.0-6",
			"4.6.0-5 4.6.0-1",
			async (stage) => {
				const clientId = stage.id();
				const client = await stage.login(stage.lasting(clientId));
				await client.subscribe(stage.topic(), 1);
				const publisher = await stage.login();
				await publisher.publish(stage.topic(), "0");
				await client.expect("publish");
				client.drop();
				for (let at = 1; at < 20; at++) await publisher.publish(stage.topic(), `${at}`);
				const back = await stage.login(stage.lasting(clientId));
				for (let at = 20; at < 30; at++) await publisher.publish(stage.topic(), `${at}`);
				const numbers = (await back.messages(30)).map(({ payload }) => Number(payload));
				expect(numbers).toEqual(Array.from({ length: 30 }, (_, at) => at));
			},
		),
		both("the broker acknowledges in the order in which it received", "4.6.0-2 4.6.0-3", "", async (stage) => {
			const client = await stage.login();
			const ids = Array.from({ length: 30 }, (_, at) => at + 1);
			client.send(...ids.map((messageId) => publishPacket(stage.topic(), "x", { qos: 1, messageId })));
			await client.raw.count("puback", 30);
			client.send(...ids.map((messageId) => publishPacket(stage.topic(), "x", { qos: 2, messageId })));
			await client.raw.count("pubrec", 30);
			client.send(...ids.map((messageId) => ({ cmd: "pubrel", messageId }) as const));
			await client.raw.count("pubcomp", 30);
			for (const cmd of ["puback", "pubrec", "pubcomp"] as const) {
				expect(client.raw.inbox.filter((packet) => packet.cmd === cmd).map(({ messageId }) => messageId)).toEqual(ids);
			}
		}),
		both("PUBREL packets come in the order of the PUBREC packets", "4.6.0-4", "", async (stage) => {
			const client = await stage.login();
			await client.subscribe(stage.topic());
			for (let at = 0; at < 5; at++) await client.publish(stage.topic(), `${at}`, { qos: 2 });
			const ids: number[] = [];
			for (let at = 0; at < 5; at++) ids.push((await client.expect("publish")).messageId ?? 0);
			ids.reverse();
			client.send(...ids.map((messageId) => ({ cmd: "pubrec", messageId }) as const));
			await client.raw.count("pubrel", 5);
			const order = client.raw.inbox.filter(({ cmd }) => cmd === "pubrel").map(({ messageId }) => messageId);
			expect(order).toEqual(ids);
		}),
		both("messages that come again keep their order", "4.6.0-1", "4.4.0-1", async (stage) => {
			const clientId = stage.id();
			const client = await stage.login(stage.lasting(clientId));
			await client.subscribe(stage.topic());
			const all = ["0", "1", "2", "3", "4", "5"];
			for (const payload of all) await client.publish(stage.topic(), payload, { qos: 1 });
			for (const _ of all) await client.expect("publish");
			client.drop();
			const back = await stage.login(stage.lasting(clientId));
			const got = await back.messages(all.length);
			expect(got.map(({ payload, dup }) => `${payload} ${dup}`)).toEqual(all.map((payload) => `${payload} true`));
		}),
		both("a session state is kept as long as the connection is open", "4.1.0-2", "4.1.0-1", async (stage) => {
			const client = await stage.login();
			await client.subscribe(stage.topic());
			await client.publish(stage.topic(), "x", { qos: 2 });
			const packet = await client.expect("publish");
			for (let at = 0; at < 5; at++) await client.ping();
			await client.acknowledge(packet);
		}),
	],
};
