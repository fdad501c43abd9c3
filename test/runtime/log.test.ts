import { describe, expect, test } from "@jest/globals";
import { type LogEntry, logLine } from "../../runtime/log";

const node = { type: "function", id: "f1", name: "calc" };

describe("a line of the log", () => {
	test.each<[string, LogEntry, string]>([
		["names the node", { level: 20, msg: "broken", ...node }, "error: [function:calc (f1)] broken"],
		["names a node without a name by its id", { level: 30, msg: "hm", type: "exec", id: "e1" }, "warn: [exec:e1] hm"],
		["takes the message out of an error", { level: 20, msg: new Error("broken") }, "error: Error: broken"],
		["takes the message out of an object", { level: 20, msg: { message: "broken" } }, "error: broken"],
		["puts several lines of a problem into one", { level: 30, msg: "a\r\n  b\n" }, "warn: a | b"],
		[
			"keeps the lines of a Debug node",
			{ level: 40, msg: "{\n a: 1 }", type: "debug", id: "d" },
			"debug: [debug:d] {\n a: 1 }",
		],
		["shows control characters as text", { level: 30, msg: "\u001b[2Jx\u0007" }, "warn: \\x1b[2Jx\\x07"],
	])("%s", (_what, entry, text) => {
		expect(logLine(entry, false)?.text).toBe(text);
	});

	test("is hidden below a warning, but for Debug nodes, unless everything is wanted", () => {
		expect(logLine({ level: 40, msg: "Started flows" }, false)).toBeUndefined();
		expect(logLine({ level: 40, msg: "Started flows" }, true)).toEqual({ text: "info: Started flows", problem: false });
		expect(logLine({ level: 40, msg: "x", ...node }, false)).toBeUndefined();
	});
});
