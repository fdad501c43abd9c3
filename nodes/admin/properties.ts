/** What a flow file stores for the admin node: pure, used by both halves of the node. */

/** The type as it stands in a flow file. */
export const adminType = "flowbroker-admin";

export interface AdminProperties {
	name: string;
	/** Id of the config node. */
	broker: string;
	/** What is done when the message does not say; empty when it always has to. */
	command: string;
}

export const adminDefaults = { name: "", broker: "", command: "" } as const satisfies AdminProperties;
