import { describe, expect, test } from "@jest/globals";
import { jsonOfLine, type LogEntry, type LogLevel, logLine, textOfLine } from "../../runtime/log";

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
		expect(shown(entry, "warn")).toBe(text);
	});

	test.each<[LogLevel, number, object, boolean]>([
		["error", 20, {}, true],
		["error", 30, {}, false],
		["warn", 30, {}, true],
		["warn", 40, {}, false],
		["info", 40, {}, true],
		["info", 50, {}, false],
		["trace", 60, {}, true],
		["error", 40, { type: "debug" }, false],
		["warn", 40, { type: "debug" }, true],
	])("with the level %s, for an entry of %i with %j: %s", (level, number, further, isShown) => {
		expect(logLine({ level: number, msg: "x", ...further }, level) !== undefined).toBe(isShown);
	});

	test("is one JSON object with the time and the node for programs", () => {
		const line = logLine({ level: 30, msg: "a\nb", ...node }, "warn");
		const time = new Date("2026-01-02T03:04:05.678Z");
		expect(JSON.parse(line ? jsonOfLine(line, time) : "")).toEqual({
			time: "2026-01-02T03:04:05.678Z",
			level: "warn",
			node: { type: "function", id: "f1", name: "calc" },
			message: "a | b",
		});
	});
});

function shown(entry: LogEntry, level: LogLevel): string | undefined {
	const line = logLine(entry, level);
	return line && textOfLine(line);
}
