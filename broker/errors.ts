/** Every error that flowbroker raises on purpose has a code from the table here. */

/** How a code is shown outside: `http` is the status of an admin API answer, `exit` the exit code of the command. */
interface ErrorKind {
	readonly http: number;
	readonly exit: number;
	/** One sentence for the documentation: when does this happen? */
	readonly when: string;
}

/** The one table of error codes. docs/errors.md lists the same codes; a test checks that they agree. */
export const errorTable = {
	OPTION_INVALID: { http: 400, exit: 2, when: "A setting has a value that it cannot have." },
	PORT_IN_USE: { http: 409, exit: 1, when: "Another program, or another broker node, already listens on the port." },
	PORT_FORBIDDEN: { http: 403, exit: 1, when: "The operating system does not let this user listen on the port." },
	ADDRESS_UNKNOWN: { http: 400, exit: 1, when: "The bind address does not belong to this machine." },
	LISTENER_FAILED: { http: 500, exit: 1, when: "A listener could not be opened for a reason not named by another code." },
	BROKER_STOPPED: { http: 503, exit: 1, when: "Something was asked of a broker that is not running." },
	TOPIC_INVALID: { http: 400, exit: 2, when: "A topic name is empty, too long, or holds a wildcard or a NUL character." },
	FILTER_INVALID: { http: 400, exit: 2, when: "A topic filter breaks the rules of MQTT for + and #." },
	NOT_ALLOWED: { http: 403, exit: 1, when: "A permission rule does not allow the action." },
	ENGINE_FAULT: { http: 500, exit: 1, when: "The engine below the broker reported an error." },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorTable;

/** An error with a code from {@link errorTable} and a sentence that a person who does not program understands. */
export class FlowbrokerError extends Error {
	override readonly name = "FlowbrokerError";

	/**
	 * @param code one of {@link errorTable}
	 * @param sentence what happened, where, and what to do about it
	 * @param cause the error underneath, kept for the log
	 */
	constructor(
		readonly code: ErrorCode,
		sentence: string,
		cause?: unknown,
	) {
		super(sentence, cause === undefined ? undefined : { cause });
	}
}

/** Makes a {@link FlowbrokerError} of whatever was thrown, keeping one that already is. */
export function toFlowbrokerError(error: unknown, code: ErrorCode, sentence: string): FlowbrokerError {
	return error instanceof FlowbrokerError ? error : new FlowbrokerError(code, sentence, error);
}
