import { describe, expect, test } from "@jest/globals";
import { isTopicFilter, isTopicName, matchesTopic, whyNotFilter } from "../../broker";
import { TopicTrie } from "../../broker/topic-trie";

describe("topics", () => {
	test.each(["a", "/", "a//b", "ü/日本", "$SYS/x", "a b"])("%j is a topic name", (text) => {
		expect(isTopicName(text)).toBe(true);
	});

	test.each(["", "a/+", "#", "a\0b", "a\ud800", "x".repeat(65_536)])("%j is no topic name", (text) => {
		expect(isTopicName(text)).toBe(false);
	});

	test.each(["+", "#", "a/+/b", "a/#", "/+", "+/+", "+/#"])("%j is a topic filter", (text) => {
		expect(isTopicFilter(text)).toBe(true);
		expect(whyNotFilter(text)).toBeUndefined();
	});

	test.each(["", "a#", "a+", "+b", "a/+b", "#/a", "a/#/b", "a\0"])("%j is no topic filter, and is told why", (text) => {
		expect(isTopicFilter(text)).toBe(false);
		expect(whyNotFilter(text)).toEqual(expect.any(String));
	});

	// The examples of the MQTT 5 standard, section 4.7, and the corners that brokers get wrong.
	test.each([
		["sport/tennis/player1/#", "sport/tennis/player1", true],
		["sport/tennis/player1/#", "sport/tennis/player1/ranking", true],
		["sport/#", "sport", true],
		["sport/tennis/+", "sport/tennis/player1", true],
		["sport/tennis/+", "sport/tennis/player1/ranking", false],
		["sport/+", "sport", false],
		["sport/+", "sport/", true],
		["+/+", "/finance", true],
		["/+", "/finance", true],
		["+", "/finance", false],
		["#", "$SYS/monitor", false],
		["+/monitor/Clients", "$SYS/monitor/Clients", false],
		["$SYS/#", "$SYS/monitor", true],
		["$SYS/monitor/+", "$SYS/monitor/Clients", true],
		["a/+/#", "a", false],
		["a/+/#", "a/b", true],
		["a/b", "a/B", false],
		["a//b", "a/b", false],
		["a/#", "ab", false],
	])("%s selects %s: %s", (filter, topic, selects) => {
		expect(matchesTopic(filter, topic)).toBe(selects);
		const trie = new TopicTrie<number>();
		trie.add(filter, 1);
		expect(trie.match(topic).length === 1).toBe(selects);
	});
});

describe("TopicTrie", () => {
	test("finds what a search through all filters finds, while filters come and go", () => {
		const random = seeded(7);
		const words = ["a", "b", "", "$s"];
		const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
		const topic = () => Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(words)).join("/") || "a";
		const filter = () => {
			const levels = topic()
				.split("/")
				.map((level) => (random() < 0.3 ? "+" : level));
			if (random() < 0.3) levels.push("#");
			return levels.join("/");
		};
		const trie = new TopicTrie<number>();
		const all: { filter: string; value: number }[] = [];
		for (let step = 0; step < 3_000; step++) {
			if (all.length > 40 && random() < 0.5) {
				const [gone] = all.splice(Math.floor(random() * all.length), 1);
				if (gone) expect(trie.remove(gone.filter, gone.value)).toBe(true);
			} else {
				const one = { filter: filter(), value: step };
				all.push(one);
				trie.add(one.filter, one.value);
			}
			const name = topic();
			const expected = all.filter((one) => matchesTopic(one.filter, name)).map(({ value }) => value);
			expect([...trie.match(name)].sort((x, y) => x - y)).toEqual(expected.sort((x, y) => x - y));
		}
		expect(trie.size).toBe(all.length);
		expect(trie.remove("never/added", 1)).toBe(false);
	});
});

/** A small generator of repeatable random numbers (mulberry32). */
function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
	};
}
