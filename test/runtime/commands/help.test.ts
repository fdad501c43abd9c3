import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { access } from "../../../runtime/commands/access";
import { group } from "../../../runtime/commands/group";
import { rule } from "../../../runtime/commands/rule";
import { user } from "../../../runtime/commands/user";
import { Workshop } from "../flowbroker-process";

let workshop: Workshop;
beforeAll(() => {
	workshop = new Workshop();
});
afterAll(() => workshop.remove());

const groups = [user, group, rule, access];
const commands = groups.flatMap((each) => each.commands);

describe("help for commands of two words", () => {
	test.each(groups)("flowbroker help $name lists its commands", async ({ name, commands: own }) => {
		for (const args of [
			["help", name],
			[name, "--help"],
			[name, "-h"],
		]) {
			const { code, stdout } = await workshop.run(args);
			expect(code).toBe(0);
			for (const command of own) expect(stdout).toContain(`  ${command.name}  `);
		}
	});

	test.each(commands)("flowbroker $name has examples and knows every option in them", ({ name, examples, options }) => {
		expect(examples?.length).toBeGreaterThan(0);
		for (const example of examples ?? []) {
			expect(example).toContain(`flowbroker ${name} `);
			const named = [...example.matchAll(/--([a-z-]+)/g)].map((match) => match[1]);
			expect(Object.keys(options)).toEqual(expect.arrayContaining(named));
		}
	});

	test.each([
		["help", "rule", "test"],
		["rule", "test", "--help"],
	])("is shown by flowbroker %s %s %s", async (...args) => {
		const { code, stdout, stderr } = await workshop.run(args);
		expect(stdout).toContain("Usage: flowbroker rule test publish|receive|subscribe TOPIC");
		expect(stdout).toContain("--client-id ID");
		expect(stdout).toContain("Examples:\n  flowbroker rule test --user rajan publish garden/door");
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	});

	test.each([
		{
			args: ["user"],
			says: "Say what to do: add, passwd, remove, list, show, enable, disable. See: flowbroker help user",
		},
		{ args: ["user", "fly"], says: 'There is no command "user fly". See: flowbroker help user' },
		{ args: ["help", "user", "fly"], says: 'There is no command "user fly". See: flowbroker help user' },
		{ args: ["user", "add", "--fly"], says: "Unknown option '--fly'. See: flowbroker help user add" },
	])("is pointed to after $args", async ({ args, says }) => {
		expect(await workshop.run(args)).toEqual({ code: 2, stdout: "", stderr: `flowbroker: ${says}\n` });
	});
});
