/** What is said about a line of a Mosquitto file. */

export interface LineProblem {
	/** Counted from 1. */
	readonly line: number;
	/** The line, without anything secret. */
	readonly text: string;
	/** In words for a person. */
	readonly reason: string;
	/** `error`: Mosquitto does not take the line either; `warning`: it is used, but may not be meant so. */
	readonly severity: "error" | "warning";
}

/** The lines of a text, each with its number; a missing newline at the end makes no difference. */
export function numberedLines(text: string): Array<{ readonly line: number; readonly text: string }> {
	return text.split("\n").map((each, at) => ({ line: at + 1, text: each.replace(/[ \t\r\v\f]+$/, "") }));
}
