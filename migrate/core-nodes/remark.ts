/** What a person has to know of a converted flow: nodes that stayed as they are, and nodes that do something else now. */

import type { FlowNode } from "../flow-node";

export interface Remark {
	/** Id of the node. */
	readonly node: string;
	readonly type: string;
	/** As the editor shows it; empty when it has none. */
	readonly name: string;
	/** `kept`: the node was not converted. `changed`: it was, and one thing is not as before. */
	readonly kind: "kept" | "changed";
	/** One or more sentences. */
	readonly text: string;
}

export function remark({ id, type, name }: FlowNode, kind: Remark["kind"], text: string): Remark {
	return { node: id, type, name: typeof name === "string" ? name : "", kind, text };
}
