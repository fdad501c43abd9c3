import { describe, expect, test } from "@jest/globals";
import type { IPublishPacket } from "mqtt";
import type { Delivery } from "../../../broker";
import { NodeSubscription } from "../../../nodes/broker/remote/node-subscription";
import type { Session } from "../../../nodes/broker/remote/session";
import { SubscriptionTable } from "../../../nodes/broker/remote/subscription-table";
import type { FlowSubscribeOptions } from "../../../nodes/flow-client";

interface Wire {
	readonly session: Session;
	/** What the broker was asked for, as `+home/#` and `-home/#`. */
	readonly asked: string[];
	/** By filter. */
	readonly identifiers: Map<string, number>;
}

type Answer = (error: Error | null, requests: unknown[], packet: { granted: number[] }) => void;

function wire(changes: Partial<Session> = {}, refused: readonly string[] = []): Wire {
	const asked: string[] = [];
	const identifiers = new Map<string, number>();
	const mqtt = {
		subscribe(filter: string, options: { properties?: { subscriptionIdentifier: number } }, answer: Answer) {
			asked.push(`+${filter}`);
			identifiers.set(filter, options.properties?.subscriptionIdentifier ?? 0);
			if (refused.includes(filter)) answer(new Error("no"), [], { granted: [135] });
			else answer(null, [], { granted: [2] });
		},
		unsubscribe: (filter: string) => asked.push(`-${filter}`),
	};
	const made = { mqtt, protocolVersion: 5, resumed: false, lasting: false, identifiers: true, limits: {}, ...changes };
	return { session: made as unknown as Session, asked, identifiers };
}

/** A subscription that writes down what it gets. */
function subscription(filters: string[], options: FlowSubscribeOptions = {}) {
	const got: Delivery[] = [];
	return { made: new NodeSubscription(filters, options, (delivery) => got.push(delivery)), got };
}

function packet(changes: Partial<IPublishPacket> = {}): IPublishPacket {
	return { cmd: "publish", topic: "", payload: "", qos: 1, dup: false, retain: false, ...changes };
}

const payload = Buffer.from("1");

describe("subscriptions over one connection", () => {
	const all = subscription(["home/#"]);
	const one = subscription(["home/+"]);

	function table(connection: Wire, ...subscriptions: NodeSubscription[]): SubscriptionTable {
		const made = new SubscriptionTable(() => false);
		for (const each of subscriptions) made.add(each);
		made.attach(connection.session);
		return made;
	}

	test("get one publication once, whether the broker sends one copy or one for each subscription", () => {
		for (const copies of [[["home/#", "home/+"]], [["home/#"], ["home/+"]], [["home/+"], ["home/#"]]]) {
			const connection = wire();
			const subscriptions = [subscription(["home/#"]), subscription(["home/+"]), subscription(["home/+", "home/#"])];
			const made = table(connection, ...subscriptions.map((each) => each.made));
			for (const filters of copies) {
				const identifiers = filters.map((filter) => connection.identifiers.get(filter) as number);
				// MQTT.js gives one identifier as a number, several as a list.
				const subscriptionIdentifier = (identifiers.length > 1 ? identifiers : identifiers[0]) as number;
				made.dispatch("home/light", Buffer.from("1"), packet({ properties: { subscriptionIdentifier } }));
			}
			expect(subscriptions.map(({ got }) => got.length)).toEqual([1, 1, 1]);
			// The same object, by which an in node with both topics sees that it is the same publication.
			expect(subscriptions[0]?.got[0]?.payload).toBe(subscriptions[1]?.got[0]?.payload);
		}
	});

	test("take the same content again for a new publication", () => {
		const connection = wire();
		const { made, got } = subscription(["home/#"]);
		const both = table(connection, made, one.made);
		const subscriptionIdentifier = connection.identifiers.get("home/#") as number;
		for (let time = 0; time < 2; time++) {
			both.dispatch("home/light", Buffer.from("1"), packet({ properties: { subscriptionIdentifier } }));
		}
		expect(got).toHaveLength(2);
		expect(got[0]?.payload).not.toBe(got[1]?.payload);
	});

	test("go by the topic where the broker tells no identifier, or one that nobody knows", () => {
		for (const properties of [undefined, { subscriptionIdentifier: 7 }]) {
			const { made, got } = subscription(["home/+", "$share/group/home/#"]);
			const only = table(wire(), made);
			only.dispatch("home/light", payload, packet(properties && { properties }));
			only.dispatch("garden/light", payload, packet());
			expect(got.map(({ filters }) => filters)).toEqual([["home/+", "$share/group/home/#"]]);
		}
	});

	test("ask once for a filter that several nodes have, and end it with the last one", () => {
		const connection = wire();
		const [first, second] = [subscription(["a"], { qos: 0 }), subscription(["a"], { qos: 0, retainHandling: 2 })];
		const made = table(connection, first.made);
		made.add(second.made);
		made.remove(first.made, false);
		expect(connection.asked).toEqual(["+a"]);
		made.remove(second.made, false);
		expect(connection.asked).toEqual(["+a", "-a"]);
	});

	test("do not get retained messages again because another node subscribes", () => {
		const connection = wire({ protocolVersion: 4, identifiers: false });
		const [first, second] = [subscription(["home/#"]), subscription(["home/light"])];
		const made = table(connection, first.made);
		made.dispatch("home/light", payload, packet({ retain: true }));
		made.add(second.made);
		made.dispatch("home/light", payload, packet({ retain: true }));
		made.dispatch("home/light", payload, packet());
		expect([first.got.length, second.got.length]).toEqual([2, 2]);
		// A new connection is a new subscription.
		made.detach();
		made.attach(connection.session);
		made.dispatch("home/light", payload, packet({ retain: true }));
		expect([first.got.length, second.got.length]).toEqual([3, 3]);
	});

	test("are told of a refusal, and of its end with the connection", () => {
		const answers: unknown[] = [];
		const { made } = subscription(["secret"], { answered: (problem) => answers.push(problem?.message) });
		const refusing = table(wire({}, ["secret"]), made);
		refusing.detach();
		refusing.attach(wire().session);
		expect(answers).toEqual([expect.stringMatching(/subscription to "secret": not authorized/), undefined]);
	});

	test("stay with a session that lasts, when their node leaves in a deploy and comes back", () => {
		const connection = wire({ lasting: true });
		const made = new SubscriptionTable(() => true);
		made.attach(connection.session);
		made.add(all.made);
		made.add(one.made);
		for (const leaving of [all.made, one.made]) made.remove(leaving, true);
		made.add(subscription(["home/#"], { retainHandling: 2 }).made);
		made.settle();
		expect(connection.asked).toEqual(["+home/#", "+home/+", "+home/#", "-home/+"]);
	});

	test("are not made again in a session that was resumed, and those given up meanwhile are ended", () => {
		const made = table(wire({ lasting: true }), all.made, one.made);
		made.detach();
		made.remove(one.made, false);
		const again = wire({ lasting: true, resumed: true });
		made.attach(again.session);
		expect(again.asked).toEqual(["-home/+"]);
		const forgotten = wire({ lasting: true, resumed: false });
		made.detach();
		made.attach(forgotten.session);
		expect(forgotten.asked).toEqual(["+home/#"]);
	});
});
