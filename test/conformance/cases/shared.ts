/** Chapter 4.8: shared subscriptions; older clients have them too, as with Mosquitto. */

import { expect } from "@jest/globals";
import { both, type Chapter, five } from "../case";
import { brief, type Client } from "../client";
import type { Stage } from "../stage";
import { user } from "../users";

/** Members of one group, all connected. */
async function group(stage: Stage, size: number, qos: 0 | 1 | 2 = 2): Promise<Client[]> {
	const members: Client[] = [];
	while (members.length < size) {
		const member = await stage.login();
		await member.subscribe(`$share/g/${stage.topic()}`, qos);
		members.push(member);
	}
	return members;
}

async function publishMany(publisher: Client, topic: string, count: number, qos: 0 | 1 | 2 = 1): Promise<void> {
	for (let at = 0; at < count; at++) await publisher.publish(topic, `${at}`, { qos });
}

const payloads = (client: Client) => client.pending().map(({ payload }) => payload.toString());

export const shared: Chapter = {
	title: "4.8 Shared subscriptions",
	cases: [
		both("a message goes to one member", "", "4.8.2-3", async (stage) => {
			const members = await group(stage, 3);
			const publisher = await stage.login();
			await publishMany(publisher, stage.topic(), 9, 2);
			for (const member of members) await stage.fence(member, publisher);
			const all = members.flatMap(payloads);
			expect(all.map(Number).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
		}),
		both("members that are connected get the messages by turns", "", "", async (stage) => {
			const members = await group(stage, 3);
			const publisher = await stage.login();
			await publishMany(publisher, stage.topic(), 9, 1);
			for (const member of members) await stage.fence(member, publisher);
			expect(members.map((member) => member.pending().length)).toEqual([3, 3, 3]);
		}),
		both("each group, and each usual subscription, gets the message", "", "4.8.2-3", async (stage) => {
			const filters = [`$share/one/${stage.topic()}`, `$share/two/${stage.topic()}`, stage.topic()];
			const clients: Client[] = [];
			for (const filter of filters) {
				const client = await stage.login();
				await client.subscribe(filter, 1);
				clients.push(client);
			}
			const publisher = await stage.login();
			await publisher.publish(stage.topic(), "x");
			for (const client of clients) expect(brief(await client.message())).toBe(`${stage.topic()}=x q1`);
		}),
		...([0, 1, 2] as const).map((qos) =>
			both(`a member with QoS ${qos} gets messages with no more`, "", "4.8.2-3", async (stage) => {
				const [member] = (await group(stage, 1, qos)) as [Client];
				const publisher = await stage.login();
				await publisher.publish(stage.topic(), "x", { qos: 2 });
				expect(brief(await member.message())).toBe(`${stage.topic()}=x q${qos}`);
			}),
		),
		both("a shared subscription gets no retained messages", "", "", async (stage) => {
			const publisher = await stage.login();
			await publisher.publish(stage.topic(), "kept", { retain: true });
			const [member] = (await group(stage, 1)) as [Client];
			expect(await stage.settled(member, publisher)).toEqual([]);
			await publisher.publish(stage.topic(), "", { retain: true });
		}),
		both("filters with wildcards may be shared", "", "4.8.2-1", async (stage) => {
			const client = await stage.login();
			await client.subscribe(`$share/g/${stage.name}/+/#`, 1);
			await client.publish(stage.topic("a/b"), "x");
			expect(brief(await client.message())).toBe(`${stage.topic("a/b")}=x q1`);
		}),
		both("a member that has left gets no more", "", "", async (stage) => {
			const [leaving, staying] = (await group(stage, 2)) as [Client, Client];
			await leaving.unsubscribe(`$share/g/${stage.topic()}`);
			await publishMany(staying, stage.topic(), 4);
			await stage.fence(leaving, staying);
			await stage.fence(staying, staying);
			expect([payloads(leaving), payloads(staying)]).toEqual([[], ["0", "1", "2", "3"]]);
		}),
		both("members that are away get nothing while another is connected", "", "", async (stage) => {
			const clientId = stage.id();
			const away = await stage.login(stage.lasting(clientId));
			await away.subscribe(`$share/g/${stage.topic()}`, 1);
			await away.leave();
			const [member] = (await group(stage, 1)) as [Client];
			await publishMany(member, stage.topic(), 4);
			await stage.fence(member, member);
			expect(payloads(member)).toEqual(["0", "1", "2", "3"]);
			const back = await stage.login(stage.lasting(clientId));
			expect(await stage.settled(back, member)).toEqual([]);
		}),
		both("with nobody connected, messages wait for a member whose session is kept", "", "", async (stage) => {
			const ids = [stage.id(), stage.id()];
			for (const clientId of ids) {
				const member = await stage.login(stage.lasting(clientId));
				await member.subscribe(`$share/g/${stage.topic()}`, 1);
				await member.leave();
			}
			const publisher = await stage.login();
			await publishMany(publisher, stage.topic(), 4);
			const got: string[] = [];
			for (const clientId of ids) {
				const back = await stage.login(stage.lasting(clientId));
				await stage.fence(back, publisher);
				got.push(...payloads(back));
				for (const packet of back.pending()) await back.acknowledge(packet);
				await back.ping();
				await back.leave();
			}
			expect(got.sort()).toEqual(["0", "1", "2", "3"]);
		}),
		both("a message that a member did not acknowledge before it left goes to another", "", "", async (stage) => {
			const [leaving, staying] = (await group(stage, 2, 1)) as [Client, Client];
			const publisher = await stage.login();
			await publishMany(publisher, stage.topic(), 2);
			await leaving.expect("publish");
			const first = await staying.message();
			leaving.drop();
			const second = await staying.message();
			expect([first, second].map(({ payload }) => Number(payload)).sort()).toEqual([0, 1]);
		}),
		five("a message that was acknowledged with a refusal goes to nobody else", "4.8.2-6", async (stage) => {
			const [one, other] = (await group(stage, 2, 1)) as [Client, Client];
			const publisher = await stage.login();
			await publisher.publish(stage.topic(), "x");
			await stage.fence(one, publisher);
			await stage.fence(other, publisher);
			const [receiver, idle] = one.pending().length > 0 ? [one, other] : [other, one];
			const { messageId = 0 } = await receiver.expect("publish");
			receiver.send({ cmd: "puback", messageId, reasonCode: 0x80 });
			await receiver.ping();
			receiver.drop();
			expect(await stage.settled(idle, publisher)).toEqual([]);
		}),
		both("a message with QoS 2 that was begun is completed with its member", "", "4.8.2-4", async (stage) => {
			const clientId = stage.id();
			const member = await stage.login(stage.lasting(clientId));
			await member.subscribe(`$share/g/${stage.topic()}`, 2);
			const publisher = await stage.login();
			await publisher.publish(stage.topic(), "x", { qos: 2 });
			const { messageId = 0 } = await member.expect("publish");
			member.send({ cmd: "pubrec", messageId });
			await member.expect("pubrel");
			const [other] = (await group(stage, 1)) as [Client];
			member.drop();
			expect(await stage.settled(other, publisher)).toEqual([]);
			const back = await stage.login(stage.lasting(clientId));
			expect((await back.expect("pubrel")).messageId).toBe(messageId);
			back.send({ cmd: "pubcomp", messageId });
			await back.ping();
		}),
		five("a message with QoS 2 that was begun goes to nobody when the session ends", "4.8.2-5", async (stage) => {
			const [member] = (await group(stage, 1)) as [Client];
			const publisher = await stage.login();
			await publisher.publish(stage.topic(), "x", { qos: 2 });
			const { messageId = 0 } = await member.expect("publish");
			member.send({ cmd: "pubrec", messageId });
			await member.expect("pubrel");
			const [other] = (await group(stage, 1)) as [Client];
			member.drop();
			expect(await stage.settled(other, publisher)).toEqual([]);
		}),
		...(["$share//~", "$share/g", "$share/g/", "$share/g+/~", "$share/#/~"] as const).map((filter) =>
			five(`the filter ${filter} is refused`, filter.startsWith("$share//") ? "4.8.2-1" : "4.8.2-2", async (stage) => {
				const client = await stage.login();
				const messageId = client.id();
				const topic = filter.replace("~", stage.topic());
				client.send({ cmd: "subscribe", messageId, subscriptions: [{ topic, qos: 1 }] });
				const answer = await client.expectOrClosed("suback");
				if (answer) expect(answer.granted).toEqual([0x8f]);
				else await stage.refuses(client, [0x81, 0x82, 0x8f]);
			}),
		),
		five("$share begins a topic as any other where it is not followed by a slash", "4.8.2-1", async (stage) => {
			const client = await stage.login();
			expect((await client.subscribe(`$shared/g/${stage.topic()}`, 1)).granted).toEqual([1]);
		}),
		both(
			"rights are asked for the filter inside",
			"",
			"",
			async (stage) => {
				const { usersPort } = stage.target;
				const member = await stage.login(user, usersPort);
				const topic = `open/${stage.topic()}`;
				const { granted } = await member.subscribe([`$share/g/${topic}`, "$share/g/closed/x"], 1);
				expect(granted).toEqual([1, stage.v5 ? 0x87 : 0x80]);
				await member.publish(topic, "x");
				expect(brief(await member.message())).toBe(`${topic}=x q1`);
			},
			{ needs: "users" },
		),
		both("groups of one name on different filters are different groups", "", "", async (stage) => {
			const client = await stage.login();
			const other = await stage.login();
			await client.subscribe(`$share/g/${stage.name}/+`, 1);
			await other.subscribe(`$share/g/${stage.topic()}`, 1);
			const publisher = await stage.login();
			await publishMany(publisher, stage.topic(), 3);
			await stage.fence(client, publisher);
			await stage.fence(other, publisher);
			expect([payloads(client), payloads(other)]).toEqual([
				["0", "1", "2"],
				["0", "1", "2"],
			]);
		}),
		both("who subscribes again has one turn still", "", "", async (stage) => {
			const members = await group(stage, 2, 1);
			await members[0]?.subscribe(`$share/g/${stage.topic()}`, 1);
			const publisher = await stage.login();
			await publishMany(publisher, stage.topic(), 6);
			for (const member of members) await stage.fence(member, publisher);
			expect(members.map((member) => member.pending().length)).toEqual([3, 3]);
		}),
		both("members of one group may have different QoS", "", "4.8.2-3", async (stage) => {
			const low = await stage.login();
			const high = await stage.login();
			await low.subscribe(`$share/g/${stage.topic()}`, 0);
			await high.subscribe(`$share/g/${stage.topic()}`, 2);
			const publisher = await stage.login();
			await publishMany(publisher, stage.topic(), 4, 2);
			await stage.fence(low, publisher);
			await stage.fence(high, publisher);
			expect([low.pending().map(({ qos }) => qos), high.pending().map(({ qos }) => qos)]).toEqual([
				[0, 0],
				[2, 2],
			]);
		}),
		both(
			"a member that is taken over by a clean start leaves the group, and what it had goes to another",
			"",
			"",
			async (stage) => {
				const clientId = stage.id();
				const gone = await stage.login(stage.lasting(clientId));
				await gone.subscribe(`$share/g/${stage.topic()}`, 1);
				const publisher = await stage.login();
				await publisher.publish(stage.topic(), "0");
				await gone.expect("publish");
				const [member] = (await group(stage, 1, 1)) as [Client];
				await stage.login({ clientId, clean: true });
				expect((await member.message()).payload.toString()).toBe("0");
				await publishMany(publisher, stage.topic(), 2);
				expect((await member.messages(2)).map(({ payload }) => payload.toString())).toEqual(["0", "1"]);
			},
		),
		both(
			"a message that was begun is completed after its member has left the group",
			"3.10.4-3",
			"3.10.4-3",
			async (stage) => {
				const [member] = (await group(stage, 1, 2)) as [Client];
				await member.publish(stage.topic(), "x", { qos: 2 });
				const packet = await member.expect("publish");
				await member.unsubscribe(`$share/g/${stage.topic()}`);
				await member.acknowledge(packet);
				expect(await stage.settled(member, member)).toEqual([]);
			},
		),
		five("members that have no place for more are not sent more, and nothing is lost", "3.3.4-9", async (stage) => {
			const members: Client[] = [];
			while (members.length < 2) {
				const member = await stage.login({ properties: { receiveMaximum: 1 } });
				await member.subscribe(`$share/g/${stage.topic()}`, 1);
				members.push(member);
			}
			const publisher = await stage.login();
			await publishMany(publisher, stage.topic(), 8);
			const got: string[] = [];
			// Takes one after the other from whoever has one.
			while (got.length < 8) {
				for (const member of members) {
					await member.ping();
					for (const packet of member.pending()) {
						got.push((await member.message()).payload.toString());
						expect(packet.qos).toBe(1);
					}
				}
			}
			expect(got.sort()).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
		}),
		both("what a member had when it went for good waits for one that is away", "", "", async (stage) => {
			const clientId = stage.id();
			const away = await stage.login(stage.lasting(clientId));
			await away.subscribe(`$share/g/${stage.topic()}`, 1);
			await away.leave();
			const [short] = (await group(stage, 1, 1)) as [Client];
			const publisher = await stage.login();
			await publisher.publish(stage.topic(), "x");
			await short.expect("publish");
			await short.leave();
			const back = await stage.login(stage.lasting(clientId));
			expect((await back.message()).payload.toString()).toBe("x");
		}),
		both("what waited for a member goes to another when its session ends", "", "", async (stage) => {
			const clientId = stage.id();
			const away = await stage.login(stage.lasting(clientId));
			await away.subscribe(`$share/g/${stage.topic()}`, 1);
			await away.leave();
			const publisher = await stage.login();
			await publishMany(publisher, stage.topic(), 3);
			const [member] = (await group(stage, 1, 1)) as [Client];
			await stage.login({ clientId, clean: true });
			expect((await member.messages(3)).map(({ payload }) => payload.toString())).toEqual(["0", "1", "2"]);
		}),
		both("a message to a group nobody of which has a session goes nowhere", "", "", async (stage) => {
			const [member] = (await group(stage, 1, 1)) as [Client];
			await member.leave();
			const publisher = await stage.login();
			await publishMany(publisher, stage.topic(), 2);
			const [next] = (await group(stage, 1, 1)) as [Client];
			expect(await stage.settled(next, publisher)).toEqual([]);
		}),
		five("a message of a shared subscription carries its identifier", "3.3.4-3", async (stage) => {
			const client = await stage.login();
			await client.subscribe(`$share/g/${stage.topic()}`, 1, {}, { subscriptionIdentifier: 9 });
			await client.publish(stage.topic(), "x");
			const { properties } = await client.message();
			expect([properties?.subscriptionIdentifier].flat()).toEqual([9]);
		}),
		both(
			"a shared subscription outlives a restart of the broker, with what waits",
			"",
			"",
			async (stage) => {
				const target = await stage.restartable();
				const clientId = stage.id();
				const member = await stage.login(stage.lasting(clientId), target.port);
				await member.subscribe(`$share/g/${stage.topic()}`, 1);
				await member.leave();
				const publisher = await stage.login({}, target.port);
				await publisher.publish(stage.topic(), "waits");
				await target.restart();
				const back = await stage.login(stage.lasting(clientId), target.port);
				expect(brief(await back.message())).toBe(`${stage.topic()}=waits q1`);
				await back.publish(stage.topic(), "live");
				expect(brief(await back.message())).toBe(`${stage.topic()}=live q1`);
			},
			{ needs: "restart" },
		),
	],
};
