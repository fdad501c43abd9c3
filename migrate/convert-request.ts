/** What the editor asks when it converts nodes, and what it is answered, as JSON. */

import type { Remark } from "./core-nodes/remark";
import type { FlowNode } from "./flow-node";

export interface ConvertRequest {
	/** All nodes of the editor, without credentials. */
	readonly nodes: readonly FlowNode[];
	/** Ids of the nodes to convert; default: all. */
	readonly only?: readonly string[];
}

export interface ConvertAnswer {
	/** How many nodes became others. */
	readonly converted: number;
	/** The nodes that are not as they were, under their ids. */
	readonly replaced: readonly FlowNode[];
	readonly added: readonly FlowNode[];
	/** Id of a broker -> id of its copy, which has the same credentials by now where the server knows them. */
	readonly copies: Readonly<Record<string, string>>;
	readonly remarks: readonly Remark[];
}
