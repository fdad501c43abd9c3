import { describe, expect, test } from "@jest/globals";
import { Line } from "../../nodes/line";

const items = (count: number) => Array.from({ length: count }, (_, at) => ({ at }));

describe("a line", () => {
	test("keeps its order while the first ones leave, whoever leaves in between, and others join", () => {
		const line = new Line<{ at: number }>();
		const all = items(10_000);
		for (const item of all.slice(0, 5_000)) line.add(item);
		for (const item of all) if (item.at % 7 === 3 && item.at < 5_000) expect(line.delete(item)).toBe(true);
		const left: number[] = [];
		for (let at = 5_000; line.size > 0; at++) {
			const { first } = line;
			if (first) left.push(first.at);
			if (first) line.delete(first);
			const next = all[at];
			if (next) line.add(next);
		}
		expect(left).toEqual(all.map(({ at }) => at).filter((at) => at >= 5_000 || at % 7 !== 3));
		expect(line.first).toBeUndefined();
	});

	test("may be gone through while those who were met leave and others join", () => {
		const line = new Line<{ at: number }>();
		const all = items(5_001);
		for (const item of all.slice(0, 5_000)) line.add(item);
		const met: number[] = [];
		for (const item of line) {
			met.push(item.at);
			line.delete(item);
			if (item.at === 4_000) line.add(all[5_000] as { at: number });
		}
		expect(met).toEqual(all.map(({ at }) => at));
		expect(line.size).toBe(0);
	});

	test("does not know those who have left, or never came", () => {
		const line = new Line<{ at: number }>();
		const [one, other] = items(2) as [{ at: number }, { at: number }];
		line.add(one);
		expect([line.delete(other), line.delete(one), line.delete(one)]).toEqual([false, true, false]);
		line.add(other);
		line.clear();
		expect([line.size, [...line]]).toEqual([0, []]);
	});
});
