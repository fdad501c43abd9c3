/** The one place that turns an error into what the user sees and the exit code of the command. */

import { errorTable, FlowbrokerError } from "../broker";
import { errorText } from "./error-text";

/** The exit code after an error that nobody foresaw. */
const unforeseenExit = 1;

/** What an error looks like from outside. */
export interface ErrorReport {
	/** For the error output, without the line end at the end. */
	readonly text: string;
	/** The same in parts, one for every error. */
	readonly sentences: readonly string[];
	readonly exit: number;
}

/**
 * Describes an error, or every error of an AggregateError, one line each.
 * @param verbose also tells where in the program an error that nobody foresaw came from
 */
export function reportError(error: unknown, verbose = false): ErrorReport {
	const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
	const sentences = errors.map((one) => sentenceOf(one, verbose));
	return {
		text: sentences.map((sentence) => `flowbroker: ${sentence}`).join("\n"),
		sentences,
		exit: Math.max(...errors.map(exitOf)),
	};
}

function exitOf(error: unknown): number {
	return error instanceof FlowbrokerError ? errorTable[error.code].exit : unforeseenExit;
}

function sentenceOf(error: unknown, verbose: boolean): string {
	if (error instanceof FlowbrokerError) return verbose ? withCause(error) : error.message;
	const details = verbose && error instanceof Error ? error.stack : `${errorText(error)} (--verbose shows more)`;
	return `Something unforeseen went wrong: ${details}`;
}

function withCause(error: FlowbrokerError): string {
	return error.cause instanceof Error ? `${error.message}\n${error.cause.stack}` : error.message;
}
