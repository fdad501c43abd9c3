/** Actions that only one row of the table has. */

import { RawClient } from "../../helpers/raw-client";
import { type Act, connackOf, loginOf, publish, received, type Stage, state, subscribe } from "./stage";

/** CONNECT with the flag of a password and without that of a user name, which MQTT 3 forbids. */
export const passwordOnly: Act = async (stage) => {
	const client = await RawClient.open(stage.ports["anonymous too"], stage.version);
	const id = Buffer.from(stage.id());
	const rest = Buffer.concat([
		Buffer.from([0, 4, ...Buffer.from("MQTT"), stage.version, 0x42, 0, 0]),
		Buffer.from(stage.version === 5 ? [0] : []),
		Buffer.from([0, id.length]),
		id,
		Buffer.from([0, 1, ...Buffer.from("x")]),
	]);
	client.send(Buffer.concat([Buffer.from([0x10, rest.length]), rest]));
	const answer = await connackOf(client);
	client.drop();
	return answer;
};

export const unheard: Act = async (stage) => publish(await stage.login("alice"), "home/unheard");

/** The alias is agreed on with a message that is denied; then it is used alone. Only MQTT 5 has it. */
export const byAlias: Act = async (stage) => {
	if (stage.version !== 5) return "only in MQTT 5";
	const witness = await stage.witness("news/x");
	const client = await stage.login("alice");
	const first = await publish(client, "news/x", 1, { properties: { topicAlias: 1 } });
	const second = await publish(client, "", 1, { properties: { topicAlias: 1 } });
	return `${first}, ${second}, ${await state(client)}; witness ${await received(witness)}`;
};

export function unsubscribe(filter: string, user: string): Act {
	return async (stage) => {
		const client = await stage.login(user);
		client.send({ cmd: "unsubscribe", messageId: 3, unsubscriptions: [filter] });
		const { granted } = await client.expect("unsuback");
		return `UNSUBACK ${granted?.join(" ") ?? ""}, ${await state(client)}`;
	};
}

export const twoSubscribers: Act = async (stage) => {
	const alice = await stage.login("alice");
	const bob = await stage.login("bob smith");
	for (const client of [alice, bob]) await subscribe(client, ["#"]);
	await publish(await stage.login("admin"), "home/x");
	return `alice ${await received(alice)}, bob ${await received(bob)}`;
};

/** Somebody else logs in with the client id of a client that is connected. */
export const takeSession: Act = async (stage: Stage) => {
	const clientId = stage.id();
	const alice = await stage.login("alice", { clientId });
	const { answer } = await stage.connect({ ...loginOf("bob smith"), clientId });
	return `${answer}; alice ${await state(alice)}`;
};
