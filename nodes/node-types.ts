/** Names of the node types that several nodes speak of; each folder has the properties of its own. */

export const nodeTypes = {
	broker: "flowbroker-broker",
	in: "flowbroker-in",
	out: "flowbroker-out",
	request: "flowbroker-request",
	bridge: "flowbroker-bridge",
} as const;
