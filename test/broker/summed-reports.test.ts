import { describe, expect, test } from "@jest/globals";
import { SummedReports } from "../../broker/summed-reports";

describe("reports in sums", () => {
	test("tell the first of each kind at once, and the others at the end of an interval", async () => {
		const told: [report: string, count: number][] = [];
		const summed = new Promise<void>((resolve) => {
			const reports = new SummedReports<string>(
				(report, count) => {
					told.push([report, count]);
					if (count > 1) {
						reports.close();
						resolve();
					}
				},
				undefined,
				20,
			);
			for (const report of ["a1", "a2", "b1", "a3"]) reports.add(report.slice(0, 1), report);
		});
		expect(told).toEqual([
			["a1", 1],
			["b1", 1],
		]);
		await summed;
		expect(told.slice(2)).toEqual([["a3", 2]]);
	});

	test("tell a flood of kinds as one", () => {
		const told: [report: string, count: number][] = [];
		const reports = new SummedReports<string>(
			(report, count) => told.push([report, count]),
			() => "many",
		);
		for (let kind = 0; kind < 10_000; kind++) reports.add(String(kind), String(kind));
		expect(told).toHaveLength(101);
		reports.close();
		expect(told.at(-1)).toEqual(["many", 9_899]);
		expect(told.reduce((sum, [, count]) => sum + count, 0)).toBe(10_000);
	});
});
