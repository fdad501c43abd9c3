/** Asks somebody at the terminal for a new password, without showing it. */

import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { FlowbrokerError } from "../../../broker";

/** @throws FlowbrokerError PASSWORDS_DIFFER, or CANCELLED after Ctrl-C or Ctrl-D */
export async function askTwice(user: string): Promise<string> {
	// What readline would show of each key goes nowhere; the questions go where answers for a pipe do not.
	const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
	const reader = createInterface({ input: process.stdin, output: silent, terminal: true, historySize: 0 });
	reader.on("SIGINT", () => reader.close());
	try {
		const lines = reader[Symbol.asyncIterator]();
		const ask = async (question: string): Promise<string> => {
			process.stderr.write(question);
			const line = await lines.next();
			process.stderr.write("\n");
			if (line.done) throw new FlowbrokerError("CANCELLED", "Nothing was changed.");
			return line.value;
		};
		const first = await ask(`New password for ${JSON.stringify(user)}: `);
		// An empty one is refused by the caller; nobody needs to type it twice.
		if (first === "" || (await ask("The same once more: ")) === first) return first;
		throw new FlowbrokerError("PASSWORDS_DIFFER", "The two passwords differ: nothing was changed. Try again.");
	} finally {
		reader.close();
	}
}
