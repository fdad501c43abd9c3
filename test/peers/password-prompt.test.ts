import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { access } from "../../broker";
import { findProgram, run } from "../helpers/peer-program";
import { AccessDesk } from "../runtime/commands/access-desk";

/**
 * Runs a command in a terminal of its own, waits for each question, and types the answer.
 * Prints all that the terminal showed, and ends with the exit code of the command.
 */
const typist = `
import json, os, pty, sys
command, talk = json.loads(sys.argv[1]), json.loads(sys.argv[2])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown = b""
def read():
    global shown
    try:
        data = os.read(terminal, 4096)
    except OSError:
        return False
    shown += data
    return len(data) > 0
at = 0
for question, answer in talk:
    while question.encode() not in shown[at:]:
        if not read():
            break
    at = len(shown)
    os.write(terminal, answer.encode())
while read():
    pass
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

let desk: AccessDesk;
beforeAll(() => {
	desk = new AccessDesk();
});
beforeEach(() => desk.put({}));
afterAll(() => desk.remove());

type Talk = ReadonlyArray<readonly [question: string, answer: string]>;

async function type(words: readonly string[], talk: Talk) {
	const command = [process.execPath, desk.workshop.cli, ...words, "--file", desk.file];
	const args = ["-c", typist, JSON.stringify(command), JSON.stringify(talk)];
	const { code, stdout, stderr } = await run(findProgram("python3"), args);
	return { code, shown: `${stdout}${stderr}`.replaceAll("\r", "").split("\n") };
}

const questions = ['New password for "rajan": ', "The same once more: "] as const;

test("a password typed at the terminal is asked for twice and never shown", async () => {
	const { code, shown } = await type(
		["user", "add", "rajan"],
		[
			[questions[0], "oops\u0015pä ss\u007fx\r"],
			[questions[1], "pä sx\r"],
		],
	);
	expect({ code, shown }).toEqual({ code: 0, shown: [...questions, 'The user "rajan" was added.', ""] });
	const hasher = new access.PasswordHasher();
	expect(await hasher.verify(Buffer.from("pä sx"), desk.document().users[0]?.password ?? "")).toBe(true);
	await hasher.close();
});

test.each([
	{
		what: "that differs",
		answers: ["one\r", "two\r"],
		code: 1,
		says: "The two passwords differ: nothing was changed. Try again.",
	},
	{
		what: "that is empty",
		answers: ["\r"],
		code: 2,
		says: "The password is empty, which is not allowed: give one, or say --generate.",
	},
	{ what: "ended by Ctrl-C", answers: ["on\u0003"], code: 130, says: "Nothing was changed." },
	{ what: "ended by Ctrl-D", answers: ["\u0004"], code: 130, says: "Nothing was changed." },
	{
		what: "ended by Ctrl-C at the second question",
		answers: ["one\r", "\u0003"],
		code: 130,
		says: "Nothing was changed.",
	},
])("a password $what changes nothing", async ({ answers, code, says }) => {
	const talk = answers.map((answer, at) => [questions[at] ?? "", answer] as const);
	const { code: exit, shown } = await type(["user", "add", "rajan"], talk);
	expect({ exit, shown }).toEqual({
		exit: code,
		shown: [...questions.slice(0, answers.length), `flowbroker: ${says}`, ""],
	});
	expect(desk.document().users ?? []).toEqual([]);
});

test("somebody who is unknown is told before a password is asked for", async () => {
	const { code, shown } = await type(["user", "passwd", "rajan"], []);
	expect({ code, shown: shown[0] }).toEqual({
		code: 2,
		shown: 'flowbroker: There is no user "rajan". To see all: "flowbroker user list".',
	});
});
