import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Workshop } from "./flowbroker-process";

let workshop: Workshop;

beforeAll(() => {
	workshop = new Workshop();
});

afterAll(() => workshop.remove());

describe("the flowbroker command", () => {
	test.each([
		{ args: ["--help"], shows: ["Usage: flowbroker COMMAND", "run  "] },
		{ args: ["-h"], shows: ["Usage: flowbroker COMMAND"] },
		{ args: ["help"], shows: ["Usage: flowbroker COMMAND"] },
		{
			args: ["help", "run"],
			shows: ["Usage: flowbroker run FILE...", "--port N", "--data DIR", "--verbose", "--help"],
		},
		{ args: ["run", "--help"], shows: ["Usage: flowbroker run FILE..."] },
		{ args: ["--version"], shows: ["1.2.3"] },
	])("answers $args on the standard output with exit code 0", async ({ args, shows }) => {
		const { code, stdout, stderr } = await workshop.run(args);
		for (const text of shows) expect(stdout).toContain(text);
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	});

	test.each([
		{ args: [], says: "Name a command." },
		{ args: ["fly"], says: 'There is no command "fly".' },
		{ args: ["help", "fly"], says: 'There is no command "fly".' },
		{ args: ["--fly"], says: 'There is no option "--fly".' },
		{ args: ["run"], says: "Name a flow file to run." },
		{ args: ["run", "--fly", "a.json"], says: "Unknown option '--fly'." },
		{ args: ["run", "a.json", "--port"], says: "Option '--port <value>' argument missing." },
		{ args: ["run", "a.json", "--verbose=yes"], says: "Option '--verbose' does not take an argument." },
		{ args: ["run", "a.json", "--port", "http"], says: "--port http is no port" },
		{ args: ["run", "a.json", "--port", "65536"], says: "--port 65536 is no port" },
		{ args: ["run", "a.json", "--data", ""], says: "--data needs the name of a file or folder." },
	])("refuses $args with one sentence and exit code 2", async ({ args, says }) => {
		const { code, stdout, stderr } = await workshop.run(args);
		expect(stderr).toContain(`flowbroker: ${says}`);
		expect(stderr.trim().split("\n")).toHaveLength(1);
		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
	});
});
