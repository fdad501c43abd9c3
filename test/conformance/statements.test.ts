import { describe, expect, test } from "@jest/globals";
import { chapters } from "./cases";
import { notTested } from "./not-tested";
import { type StandardVersion, statements } from "./statements";

const cases = chapters.flatMap((chapter) => chapter.cases);

describe.each([4, 5] as const)("the statements of MQTT level %i", (version: StandardVersion) => {
	const cited = new Set(cases.flatMap(({ cites }) => cites[version] ?? []));
	const excused = Object.keys(notTested[version]);

	test("are each tested, or listed with a reason", () => {
		const missing = statements[version].filter((number) => !cited.has(number) && !excused.includes(number));
		expect(missing).toEqual([]);
	});

	test("are not listed as not tested where they are", () => {
		expect(excused.filter((number) => cited.has(number))).toEqual([]);
	});

	test("exist, where they are cited or listed", () => {
		const all = new Set(statements[version]);
		expect([...cited, ...excused].filter((number) => !all.has(number))).toEqual([]);
	});
});

test("the standards have 141 and 251 statements", () => {
	expect([statements[4].length, statements[5].length]).toEqual([141, 251]);
});

test("every case has a sentence of its own", () => {
	const names = cases.map(({ name }) => name);
	expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});
