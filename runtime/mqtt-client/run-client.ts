/** What `flowbroker pub` and `flowbroker sub` do around their work: help, errors, hints. */

import { type ClientArguments, parseClientArguments } from "./arguments";
import { ClientError } from "./client-error";
import { passwordVariable } from "./settings";

/**
 * @param work resolves with the exit code
 * @returns the exit code
 */
export async function runClient(
	command: "pub" | "sub",
	words: readonly string[],
	work: (args: ClientArguments) => Promise<number>,
): Promise<number> {
	const quiet = words.includes("--quiet");
	const complain = (text: string) => {
		if (!quiet) process.stderr.write(`${text}\n`);
	};
	try {
		const args = parseClientArguments(command, words);
		if (args.values.has("password") || /:[^/@]+@/.test(args.values.get("url") ?? "")) {
			complain(
				`Hint: other users of this machine can see a password on the command line; the environment variable ${passwordVariable} hides it.`,
			);
		}
		return await work(args);
	} catch (error) {
		if (!(error instanceof ClientError)) throw error;
		complain(error.message);
		return error.exit;
	}
}
