/** The clients of bench/kill-harness.mjs: they note what was acknowledged, and what was delivered. */

import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import mqtt from "mqtt";

/** Messages that one publisher has sent and that are not acknowledged. */
const WINDOW = 20;
const RETAINED_TOPICS = 20;
/** The last message to each subscriber. */
const END = "end";

/** What happened so far; tells whoever waits for a change. */
export class Ledger {
	acknowledged = { 1: new Set(), 2: new Set() };
	delivered = { 1: new Map(), 2: new Map() };
	retained = new Map();
	/** Acknowledgements of all kinds. */
	count = 0;
	#waiting = new Set();

	/** Messages with QoS 1 and 2 that were acknowledged and did not arrive yet. */
	get underWay() {
		return [1, 2].reduce((sum, qos) => sum + this.acknowledged[qos].size - this.delivered[qos].size, 0);
	}

	/** @param look called after each change */
	watch(look) {
		this.#waiting.add(look);
	}

	changed() {
		for (const look of [...this.#waiting]) look();
	}

	/** Resolves when it holds, now or after a change. */
	until(holds) {
		return new Promise((resolve) => {
			const look = () => {
				if (!holds()) return;
				this.#waiting.delete(look);
				resolve();
			};
			this.#waiting.add(look);
			look();
		});
	}
}

/** Publishes as long as it may, with at most {@link WINDOW} messages under way. */
export class Publisher {
	#client;
	#ledger;
	#send;
	#waiting = 0;
	#sequence = 0;
	#stopped = false;
	#most = Number.POSITIVE_INFINITY;

	/** @param send publishes the message of a number @param noted is told of the number when it is acknowledged */
	constructor(port, clientId, ledger, send, noted) {
		this.#client = connect(port, clientId);
		this.#ledger = ledger;
		this.#send = (number) =>
			send(this.#client, number, (error) => {
				this.#waiting--;
				if (!error) {
					noted(number);
					ledger.count++;
				}
				ledger.changed();
				this.#pump();
			});
		this.#client.on("connect", () => this.#pump());
	}

	/** From now on no more than so many acknowledged messages may be on their way to the subscribers. */
	keepWithin(most) {
		this.#most = most;
		this.#ledger.watch(() => this.#pump());
	}

	/** Resolves when everything that was sent is acknowledged. */
	async settle() {
		this.#stopped = true;
		await this.#ledger.until(() => this.#waiting === 0);
		this.#client.end(true);
	}

	#pump() {
		while (!this.#stopped && this.#ledger.underWay < this.#most && this.#client.connected && this.#waiting < WINDOW) {
			this.#waiting++;
			this.#send(++this.#sequence);
		}
	}
}

export function publisher(port, qos, ledger) {
	return new Publisher(
		port,
		`publisher-${qos}`,
		ledger,
		(client, number, done) => client.publish(`q${qos}/${number}`, String(number), { qos }, done),
		(number) => ledger.acknowledged[qos].add(number),
	);
}

export function retainer(port, ledger) {
	const topicOf = (number) => `r/${number % RETAINED_TOPICS}`;
	return new Publisher(
		port,
		"retainer",
		ledger,
		(client, number, done) => client.publish(topicOf(number), String(number), { qos: 1, retain: true }, done),
		(number) => ledger.retained.set(topicOf(number), Math.max(number, ledger.retained.get(topicOf(number)) ?? 0)),
	);
}

/** Subscribes once, and then comes and goes; its session stays. */
export class Subscriber {
	/** Everything that was sent before the end has come. */
	ended = false;
	#client;
	#isHere = true;
	#stores = { incomingStore: new mqtt.Store({ clean: false }), outgoingStore: new mqtt.Store({ clean: false }) };

	constructor(port, qos, ledger) {
		this.qos = qos;
		this.#client = connect(port, `subscriber-${qos}`, this.#stores);
		this.#client.on("message", (_topic, payload) => {
			const text = String(payload);
			const times = ledger.delivered[qos];
			if (text === END) this.ended = true;
			else times.set(Number(text), (times.get(Number(text)) ?? 0) + 1);
			ledger.changed();
		});
	}

	async subscribe() {
		if (!this.#client.connected) await once(this.#client, "connect");
		await this.#client.subscribeAsync(`q${this.qos}/#`, { qos: this.qos });
	}

	away() {
		if (this.#isHere) this.#client.end(true);
		this.#isHere = false;
	}

	here() {
		if (!this.#isHere) this.#client.reconnect(this.#stores);
		this.#isHere = true;
	}
}

/** Queues the last message of each subscriber, who is away: what comes before it has come when it comes. */
export async function publishEnds(port) {
	const client = connect(port, "ender");
	await Promise.all([1, 2].map((qos) => client.publishAsync(`q${qos}/end`, END, { qos })));
	client.end(true);
}

/** Milliseconds after which retained messages that are not there yet are taken for lost. */
const RETAINED_PATIENCE = 20_000;

/** @returns the retained values by topic, when as many are there as `expected` */
export async function retainedNow(port, expected) {
	const found = new Ledger();
	const client = connect(port, "reader", { clean: true });
	client.on("message", (topic, payload) => {
		found.retained.set(topic, Number(payload));
		found.changed();
	});
	await once(client, "connect");
	await client.subscribeAsync("r/#", { qos: 1 });
	await Promise.race([found.until(() => found.retained.size >= expected), pause(RETAINED_PATIENCE)]);
	client.end(true);
	return found.retained;
}

function connect(port, clientId, more = {}) {
	const client = mqtt.connect({
		host: "127.0.0.1",
		port,
		clientId,
		clean: false,
		reconnectPeriod: 20,
		// A machine with much to do may take its time: only a kill ends a connection.
		connectTimeout: 30_000,
		...more,
	});
	client.on("error", () => {});
	return client;
}
