/** An error that lies in a flow file, with its place for programs that read the answer. */

import { type ErrorCode, FlowbrokerError } from "../broker";

/** Where it is. */
export interface Place {
	/** As the user wrote its name. */
	readonly file?: string | undefined;
	/** The id of the node, of the first one where there are several. */
	readonly node?: string | undefined;
}

/** The sentence names the place too: nobody has to look at `place` to understand it. */
export class FlowProblem extends FlowbrokerError {
	constructor(
		code: ErrorCode,
		sentence: string,
		readonly place: Place,
		cause?: unknown,
	) {
		super(code, sentence, cause);
	}
}
