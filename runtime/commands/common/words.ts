/** Reads the words of a command that are no options. */

import { FlowbrokerError } from "../../../broker";
import type { CommandCall } from "../../command";

/** Exactly one word. @param what it is, as in `the name of the user`. @throws FlowbrokerError USAGE */
export function oneWord({ files: words }: CommandCall, command: string, what: string): string {
	const [word] = words;
	if (word === undefined) throw usage(`Say ${what}.`, command);
	if (words.length > 1)
		throw usage(`There is one word too many behind ${what}. Put names with blanks in quotes.`, command);
	return word;
}

/** @throws FlowbrokerError USAGE */
export function noWords({ files: words }: CommandCall, command: string): void {
	if (words.length > 0) throw usage("There is a word too many.", command);
}

/** @returns the error, to be thrown by the caller */
export function usage(sentence: string, command: string): FlowbrokerError {
	return new FlowbrokerError("USAGE", `${sentence} See: flowbroker help ${command}`);
}
