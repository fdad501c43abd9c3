/** Keeps passwords out of the command line, where every user of the machine can read them. */

import { FlowbrokerError } from "../../../broker";
import type { CommandCall } from "../../command";
import { usage } from "./words";

const why =
	"A password must not stand on the command line, where the process list and the shell's history show it: leave it out, and it is asked for, or comes from the standard input.";

/** Options that other tools have. */
export const refusedPasswords = { password: why, pass: why, pw: why } as const;

/** The name of a user, and nothing behind it. @throws FlowbrokerError USAGE, which never quotes what is too much */
export function userWord({ files: words }: CommandCall, command: string): string {
	const [name] = words;
	if (name === undefined) throw usage("Say the name of the user.", command);
	if (words.length > 1) throw new FlowbrokerError("USAGE", why);
	return name;
}
