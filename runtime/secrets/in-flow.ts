/** Secrets that stand in a flow file itself: no export has them, people write them there, mostly as `${VARIABLE}`. */

import type { FlowNode, MergedFlow } from "../flows";
import type { GivenSecret } from "./given-secret";

/** What the editor puts in the place of a password that it does not know. */
const unknownPassword = "__PWRD__";

/** The secrets of the nodes, those left out that are empty. */
export function secretsInFlow(flow: Pick<MergedFlow, "nodes" | "fileOf">): GivenSecret[] {
	return flow.nodes.flatMap((node) => {
		const from = flow.fileOf.get(node.id) ?? "";
		const texts = Object.entries(fieldsOf(node)).filter((entry): entry is [string, string] => isSecret(entry[1]));
		return texts.map(([field, value]) => ({ key: node.id, field, value, from }));
	});
}

/** The nodes as they are without their secrets, which Node-RED gets apart: inside, they would count as a change. */
export function withoutSecrets(nodes: readonly FlowNode[]): FlowNode[] {
	return nodes.map((node) => {
		const { credentials, ...rest } = node;
		return isFields(credentials) ? (rest as FlowNode) : node;
	});
}

function fieldsOf({ type, credentials }: FlowNode): Record<string, unknown> {
	if (!isFields(credentials)) return {};
	if (type !== "global-config") return credentials;
	return isFields(credentials.map) ? credentials.map : {};
}

function isFields(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSecret(value: unknown): boolean {
	return typeof value === "string" && value !== "" && value !== unknownPassword;
}
