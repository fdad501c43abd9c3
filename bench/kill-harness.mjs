/**
 * Kills a broker again and again (SIGKILL) while publishers and subscribers run, then compares what was acknowledged
 * with what was delivered. A seed decides after how many acknowledgements, and who is away meanwhile.
 *
 *     node bench/kill-harness.mjs [--rounds 100] [--seed 1] [--broker runtime|flowbroker|mosquitto|bridge-in|bridge-out]
 *         [--other flowbroker|mosquitto] [--durability interval|each] [--json]
 *
 * `runtime` is `flowbroker run`, `flowbroker` the broker alone, where the durability can be set. With `bridge-in` and
 * `bridge-out` it is a broker with a bridge that is killed, and everything crosses the bridge, from or to a broker that
 * lives on (`--other`). Needs `npm run build`.
 * The exit code is 1 when something acknowledged is lost, or a QoS 2 message came twice.
 */

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Ledger, publishEnds, publisher, retainedNow, retainer, Subscriber } from "./lib/kill-cast.mjs";
import { lowPort, Victim } from "./lib/kill-victims.mjs";

const { values: options } = parseArgs({
	options: {
		rounds: { type: "string", default: "100" },
		seed: { type: "string", default: "1" },
		durability: { type: "string", default: "interval" },
		broker: { type: "string", default: "runtime" },
		other: { type: "string", default: "flowbroker" },
		json: { type: "boolean", default: false },
	},
});
/** Milliseconds in which nothing may happen at all before it is given up. */
const STUCK = 60_000;
/** Messages that may wait for a bridge that is down. */
const BACKLOG = 500;

const random = seeded(Number(options.seed));
const folder = await mkdtemp(join(tmpdir(), "flowbroker-kill-"));
const port = await lowPort();
const [name, direction] = options.broker.split("-");
const other = direction && (await startOther());
const common = { durability: options.durability, port, folder };
const victim = new Victim({ ...common, broker: name, direction, otherPort: other?.port });
const portOfPublishers = direction === "in" ? other.port : port;
const portOfSubscribers = direction === "out" ? other.port : port;
const ledger = new Ledger();
let phase = "start";
let seen = "";
const watchdog = setInterval(giveUpWhenStuck, STUCK);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => leave(130));

try {
	await victim.start();
	const subscribers = [1, 2].map((qos) => new Subscriber(portOfSubscribers, qos, ledger));
	for (const one of subscribers) await one.subscribe();
	const publishers = [1, 2].map((qos) => publisher(portOfPublishers, qos, ledger));
	publishers.push(retainer(portOfPublishers, ledger));
	// The broker that lives on takes messages faster than any bridge.
	if (direction === "in") for (const one of publishers) one.keepWithin(BACKLOG);
	for (let round = 0; round < Number(options.rounds); round++) {
		phase = `round ${round}`;
		const enough = progress() + 10 + random(90);
		await ledger.until(() => progress() >= enough);
		await victim.kill();
		// A subscriber is there in one round and away in the next. Who is at the bridge is what shows that it works.
		if (direction !== "in") for (const one of subscribers) random(2) === 0 ? one.away() : one.here();
		await victim.start();
	}
	phase = "the last acknowledgements";
	for (const one of subscribers) one.away();
	for (const one of publishers) await one.settle();
	await publishEnds(portOfPublishers);
	await victim.kill();
	await victim.start();
	phase = "the last deliveries";
	for (const one of subscribers) one.here();
	await ledger.until(() => subscribers.every(({ ended }) => ended));
	phase = "the retained messages";
	report(await retainedNow(portOfSubscribers, ledger.retained.size));
} finally {
	clearInterval(watchdog);
	await victim.kill();
	await other?.victim.kill();
	await rm(folder, { recursive: true, force: true });
}
process.exit();

/** What has to grow before the next kill: what the other broker acknowledges says nothing about the bridge. */
function progress() {
	return direction === "in" ? ledger.delivered[1].size + ledger.delivered[2].size : ledger.count;
}

/** The broker on the other side of the bridge. */
async function startOther() {
	const otherPort = await lowPort();
	const place = join(folder, "other");
	await mkdir(place);
	const { other: broker, durability } = options;
	const started = new Victim({ broker, durability, port: otherPort, folder: place });
	await started.start();
	return { port: otherPort, victim: started };
}

function report(retained) {
	const { acknowledged, delivered } = ledger;
	const { broker, durability, rounds, seed } = options;
	const result = { broker, durability, rounds: Number(rounds), seed: Number(seed) };
	for (const qos of [1, 2]) {
		result[`qos${qos}`] = {
			acknowledged: acknowledged[qos].size,
			lost: [...acknowledged[qos]].filter((number) => !delivered[qos].has(number)).length,
			twice: [...delivered[qos].values()].filter((times) => times > 1).length,
		};
	}
	const stale = [...ledger.retained].filter(([topic, number]) => !((retained.get(topic) ?? 0) >= number));
	result.retained = { topics: ledger.retained.size, lostOrOld: stale.length };
	const isGood = result.qos1.lost + result.qos2.lost + result.qos2.twice + stale.length === 0;
	if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
	else console.log(result, isGood ? "nothing acknowledged was lost" : "LOST");
	process.exitCode = isGood ? 0 : 1;
}

/** What was lost may be the very message that is waited for. */
async function giveUpWhenStuck() {
	const now = `${phase} ${ledger.count} ${ledger.delivered[1].size} ${ledger.delivered[2].size}`;
	if (now !== seen) {
		seen = now;
		return;
	}
	clearInterval(watchdog);
	console.error(`nothing happens any more: ${now}`);
	report(await retainedNow(portOfSubscribers, ledger.retained.size));
	await leave(1);
}

async function leave(exit) {
	await victim.kill();
	await other?.victim.kill();
	await rm(folder, { recursive: true, force: true });
	process.exit(exit);
}

/** Whole numbers below a limit, the same in every run. */
function seeded(seed) {
	let state = seed;
	return (limit) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * limit);
	};
}
