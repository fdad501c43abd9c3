import { describe, expect, test } from "@jest/globals";
import type { Message } from "../../broker";
import { LoopGuard, MOST_RETURNS } from "../../nodes/loop-guard";

const message = (topic: string, text = ""): Message => ({ topic, payload: Buffer.from(text), qos: 0, retain: false });

/** A flow with a guard and a clock that stands still. */
function flow() {
	const clock = { now: 0 };
	const guard = new LoopGuard(() => clock.now);
	let ids = 0;
	/** @returns the id under which the message goes into the flow; undefined when it was stopped */
	const arrive = (node: string, topic: string, text = ""): string | undefined => {
		const id = `message${ids++}`;
		return guard.arrives(node, message(topic, text), id) ? undefined : id;
	};
	const publish = (id: string | undefined, topic: string, text = "") => guard.leaves(id, message(topic, text));
	return { clock, arrive, publish };
}

describe("the guard against loops", () => {
	test("stops a message that comes back a thousand times at once", () => {
		const { arrive, publish } = flow();
		let turns = 0;
		for (let id = arrive("in", "a", "0"); id; id = arrive("in", "a", String(turns))) publish(id, "a", String(++turns));
		expect(turns).toBe(MOST_RETURNS + 1);
	});

	test("stops a loop over several nodes, with payloads of any length", () => {
		const { arrive, publish } = flow();
		const text = "x".repeat(5_000);
		let turns = 0;
		let id = arrive("one", "a", text);
		while (id && turns < 5_000) {
			publish(id, "b", text);
			const other = arrive("two", "b", text);
			publish(other, "a", text);
			id = arrive("one", "a", text);
			turns++;
		}
		expect(turns).toBe(MOST_RETURNS + 1);
	});

	test("stops messages that multiply, before they are many", () => {
		const { arrive, publish } = flow();
		const waiting = ["0"];
		let arrived = 0;
		for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) {
			const id = arrive("in", "a", text);
			if (!id) continue;
			arrived++;
			for (const copy of [1, 2]) {
				publish(id, "a", `${arrived}.${copy}`);
				waiting.push(`${arrived}.${copy}`);
			}
		}
		expect(arrived).toBeLessThan(10_000);
	});

	test("leaves alone a circle that turns slowly, however long", () => {
		const { clock, arrive, publish } = flow();
		for (let turn = 0; turn < 5_000; turn++) {
			const id = arrive("in", "a", String(turn));
			expect(id).toBeDefined();
			publish(id, "a", String(turn + 1));
			clock.now += 11;
		}
	});

	test("leaves alone a chain of nodes, and a node that hears many messages of its own flow once", () => {
		const { arrive, publish } = flow();
		for (let at = 0; at < 20_000; at++) {
			publish(arrive("first", "in", String(at)), "middle", String(at));
			publish(arrive("second", "middle", String(at)), "out", String(at));
			expect(arrive("third", "out", String(at))).toBeDefined();
		}
	});

	test("leaves alone what others publish, even if it is always the same", () => {
		const { arrive, publish } = flow();
		for (let at = 0; at < 20_000; at++) {
			const id = arrive("in", "a", "on");
			expect(id).toBeDefined();
			publish(id, "b", "on");
		}
	});
});
