/** Errors of `flowbroker pub` and `flowbroker sub`, in the words and with the exit codes of Mosquitto's clients. */

/** Mosquitto's clients end so after most errors. */
const generalExit = 1;

export class ClientError extends Error {
	override readonly name = "ClientError";

	/**
	 * @param lines for the error output, each with its `Error: ` where it has one
	 * @param exit the exit code
	 */
	constructor(
		lines: string | readonly string[],
		readonly exit: number = generalExit,
		cause?: unknown,
	) {
		super([lines].flat().join("\n"), cause === undefined ? undefined : { cause });
	}
}

/** The command was called wrongly. @param command `pub` or `sub` */
export function usageError(command: string, sentence: string): ClientError {
	return new ClientError([`Error: ${sentence}`, "", `Use 'flowbroker ${command} --help' to see usage.`]);
}
