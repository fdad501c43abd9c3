/** Makes the pattern of a file of secrets for a flow. Pure. */

import { activeNodes } from "../check/active";
import type { NodeForms } from "../check/node-forms";
import type { FlowNode } from "../flows";
import { isKnownType, secretNeeds } from "./needs";
import { NodeKeys } from "./node-keys";

/** Name or id of a node -> its secrets, all empty. */
export type SecretsTemplate = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Node-RED's own, for the variables of the flow as a whole: {@link secretNeeds} names those that there are. */
const innerFields = new Set(["map"]);

/**
 * @param nodes all nodes of the flow
 * @param forms tell of node types that are not well known: every credential that their form has
 */
export function secretsTemplate(nodes: readonly FlowNode[], forms: NodeForms): SecretsTemplate {
	const keys = new NodeKeys(nodes);
	const active = activeNodes(nodes);
	const template: Record<string, Record<string, string>> = {};
	const add = (node: FlowNode, field: string) => {
		const key = keys.keyOf(node);
		template[key] = { ...template[key], [field]: "" };
	};
	for (const { node, field } of secretNeeds(active)) add(node, field);
	for (const node of active.filter(({ type }) => !isKnownType(type))) {
		const fields = forms.get(node.type)?.credentials ?? [];
		for (const field of fields.filter((name) => !innerFields.has(name))) add(node, field);
	}
	return template;
}
