import { describe, expect, test } from "@jest/globals";
import { LoadAverages } from "../../../broker/load-average";

describe("load averages", () => {
	test("come near a steady rate, the short one first", () => {
		const loads = new LoadAverages<"messages">();
		for (let second = 0; second <= 60; second += 10) loads.update(second * 1_000, { messages: second * 2 });
		const load = loads.of("messages");
		// 120 a minute, weighed by 1 - e^-1, 1 - e^-1/5 and 1 - e^-1/15.
		expect(load["1min"]).toBeCloseTo(120 * (1 - Math.exp(-1)), 6);
		expect(load["5min"]).toBeCloseTo(120 * (1 - Math.exp(-1 / 5)), 6);
		expect(load["15min"]).toBeCloseTo(120 * (1 - Math.exp(-1 / 15)), 6);
	});

	test("give the same for even and uneven intervals", () => {
		const even = new LoadAverages<"bytes">();
		for (const second of [0, 10, 20, 30]) even.update(second * 1_000, { bytes: second });
		const uneven = new LoadAverages<"bytes">();
		for (const second of [0, 1, 29, 30]) uneven.update(second * 1_000, { bytes: second });
		expect(uneven.of("bytes")["1min"]).toBeCloseTo(even.of("bytes")["1min"], 6);
	});

	test("do not count what was there before the first update", () => {
		const loads = new LoadAverages<"messages">();
		expect(loads.of("messages")["1min"]).toBe(0);
		loads.update(5_000, { messages: 1_000_000 });
		loads.update(15_000, { messages: 1_000_000 });
		expect(loads.of("messages")).toEqual({ "1min": 0, "5min": 0, "15min": 0 });
	});

	test("are not upset by a second update at the same time", () => {
		const loads = new LoadAverages<"messages">();
		loads.update(0, { messages: 0 });
		loads.update(60_000, { messages: 60 });
		const before = loads.of("messages");
		loads.update(60_000, { messages: 90 });
		expect(loads.of("messages")).toEqual(before);
	});
});
