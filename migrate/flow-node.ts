/** One entry of a flow file, as far as all entries are alike. */

/** A node, or a tab, subflow, group or configuration. Nothing is sure about its properties. */
export interface FlowNode {
	readonly id: string;
	readonly type: string;
	readonly [property: string]: unknown;
}

/** The types of flowbroker's nodes that a migration makes, as they stand in a flow file. */
export const ownTypes = {
	broker: "flowbroker-broker",
	in: "flowbroker-in",
	out: "flowbroker-out",
	events: "flowbroker-events",
	bridge: "flowbroker-bridge",
} as const;
