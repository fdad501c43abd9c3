/** The actions that the table is made of. */

import { users } from "./files";
import { type Act, type Fields, loginOf, type Place, publish, type QoS, received, state, subscribe } from "./stage";

type User = string | null;

/** Only CONNECT. */
export function logIn(fields: Fields, place?: Place): Act {
	return async (stage) => {
		const { answer } = await stage.connect(fields, place);
		// Else our broker would answer later and later, and at last ban the user.
		if (fields.username && users[fields.username]) await stage.connect(loginOf(fields.username), place);
		return answer;
	};
}

/** Publishes, while a witness watches whether the message arrives. */
export function publishTo(topic: string, user: User, qos: QoS = 1, fields: Fields = {}): Act {
	return async (stage) => {
		const witness = await stage.witness(topic);
		const client = await stage.login(user, fields);
		const answer = await publish(client, topic, qos);
		return `${answer}, ${await state(client)}; witness ${await received(witness)}`;
	};
}

/** Publishes a retained message; then a witness subscribes. */
export function retainOn(topic: string, user: User): Act {
	return async (stage) => {
		// Somebody listens: where nobody does, Mosquitto says so in its PUBACK.
		await stage.witness(topic);
		const client = await stage.login(user);
		const answer = await publish(client, topic, 1, { retain: true });
		const witness = await stage.witness(topic);
		const seen = await received(witness);
		await publish(witness, topic, 1, { retain: true, payload: "" });
		return `${answer}; witness ${seen}`;
	};
}

export function subscribeTo(filters: readonly string[], user: User, qos: QoS = 1): Act {
	return async (stage) => {
		const client = await stage.login(user);
		const answer = await subscribe(client, filters, qos);
		return answer.startsWith("closed") ? answer : `${answer}, ${await state(client)}`;
	};
}

/** Subscribes; then somebody publishes to the topics. */
export function getLive(topics: readonly string[], filter: string, user: User, fields: Fields = {}): Act {
	return async (stage) => {
		const client = await stage.login(user, fields);
		const answer = await subscribe(client, [filter]);
		const admin = await stage.login("admin");
		for (const topic of topics) await publish(admin, topic);
		return `${answer}, ${await received(client)}`;
	};
}

/** Subscribes when there are retained messages already. */
export function getRetained(topics: readonly string[], filter: string, user: User): Act {
	return async (stage) => {
		const admin = await stage.login("admin");
		for (const topic of topics) await publish(admin, topic, 1, { retain: true });
		const client = await stage.login(user);
		const answer = await subscribe(client, [filter]);
		const seen = await received(client);
		for (const topic of topics) await publish(admin, topic, 1, { retain: true, payload: "" });
		return `${answer}, ${seen}`;
	};
}

/** Subscribes and goes away; comes back when something was published. */
export function getQueued(topics: readonly string[], filter: string, user: User, again: User = user): Act {
	return async (stage) => {
		const session = { clientId: stage.id(), clean: false, properties: { sessionExpiryInterval: 60 } };
		const before = await stage.login(user, session);
		const answer = await subscribe(before, [filter]);
		before.send({ cmd: "disconnect" });
		await before.closed();
		const admin = await stage.login("admin");
		for (const topic of topics) await publish(admin, topic);
		const { client, answer: connack } = await stage.connect({ ...loginOf(again), ...session });
		if (!connack.startsWith("CONNACK 0")) return `${answer}, ${connack}`;
		return `${answer}, ${connack}, ${await received(client)}`;
	};
}

/** Loses the connection. An allowed will, of a client that goes later, shows that all of it was handled. */
export function leaveWill(topic: string, user: User, will: { retain?: boolean; qos?: QoS } = {}): Act {
	return async (stage) => {
		const last = `last/${stage.name}`;
		const witness = await stage.witness(topic);
		await subscribe(witness, [last]);
		const { client, answer } = await stage.connect({
			...loginOf(user),
			will: { topic, payload: "gone", qos: 1, ...will },
		});
		if (!answer.startsWith("CONNACK 0")) return answer;
		client.drop();
		const other = await stage.login("admin", { will: { topic: last, payload: "gone", qos: 1 } });
		other.drop();
		await witness.expect("publish", (packet) => packet.topic === last);
		return `${answer}; witness ${await received(witness)}`;
	};
}
