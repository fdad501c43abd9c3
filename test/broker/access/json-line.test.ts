import { describe, expect, test } from "@jest/globals";
import { brokenJsonLine } from "../../../broker/access/json-line";

describe("the line where JSON is broken", () => {
	test.each([
		["{", 1],
		['{"a":\n}', 2],
		['{"a": 1\n"b": 2}', 2],
		['{"a": [1,\n2,\n]}', 3],
		['{"a": 1,\n\n}', 3],
		['{"a": "x\ny"}', 1],
		['{"a": tru}', 1],
		["[1]\n[2]", 2],
		["", 1],
		["\n\nx", 3],
		["[1}", 1],
		["[01]", 1],
		["{'a': 1}", 1],
		['["\\x"]', 1],
	])("%j: line %d", (text, line) => {
		expect(() => JSON.parse(text)).toThrow();
		expect(brokenJsonLine(text)).toBe(line);
	});

	test.each(['{"a": [1, -2.5e3, true, null, {}, []], "b": "\\u00e9\\n€"}\n', "3", ' "x" '])("%j is JSON", (text) => {
		JSON.parse(text);
		expect(brokenJsonLine(text)).toBeUndefined();
	});
});
