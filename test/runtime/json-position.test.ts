import { describe, expect, test } from "@jest/globals";
import { findJsonError } from "../../runtime/json-position";

describe("the search for the first mistake in JSON", () => {
	test.each([
		["[1 2]", 1, 4],
		["[1,]", 1, 4],
		['{"a":1,}', 1, 8],
		["{a:1}", 1, 2],
		['{"a" 1}', 1, 6],
		['{"a":1]', 1, 7],
		["[}", 1, 2],
		["[] []", 1, 4],
		["[01]", 1, 2],
		["[1.]", 1, 2],
		["[truex]", 1, 2],
		['[\n\t"a\nb"]', 2, 4],
		['["a\\x"]', 1, 4],
		["hello", 1, 1],
	])("finds it in %j at line %i, column %i", (text, line, column) => {
		expect(findJsonError(text)).toEqual({ line, column, atEnd: false });
		expect(() => JSON.parse(text)).toThrow();
	});

	test.each(["", "[", '{"a"', '{"a":', '["abc', '["a\\', '["a\\u12', "[1,", '{"a":1'])(
		"tells that %j ends too early",
		(text) => {
			expect(findJsonError(text)?.atEnd).toBe(true);
			expect(() => JSON.parse(text)).toThrow();
		},
	);

	test.each(["[]", " {} ", "0", '"a"', "-1.5e+3", "null", '{"a":[1,{"b":"\\u00e4\\n\\""},true],"c":{}}'])(
		"accepts %j",
		(text) => {
			expect(findJsonError(text)).toBeUndefined();
			expect(() => JSON.parse(text)).not.toThrow();
		},
	);

	test("copes with a string of some megabytes", () => {
		expect(findJsonError(JSON.stringify("x\\".repeat(2_000_000)))).toBeUndefined();
	});
});
