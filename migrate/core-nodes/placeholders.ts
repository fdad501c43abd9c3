/** Finds `${NAME}` inside a text: Node-RED's own nodes take it as it stands, ours fill the variable in. */

import type { FlowNode } from "../flow-node";
import { type Remark, remark } from "./remark";

/** @param fields those that are texts in our node */
export function placeholdersInside(node: FlowNode, fields: readonly string[]): Remark[] {
	return fields.flatMap((field) => {
		const value = node[field];
		// Where one variable is the whole text, Node-RED itself fills it in.
		if (typeof value !== "string" || !/\$\{[^}]+\}/.test(value) || /^\$\{[^}]+\}$/.test(value)) return [];
		return [remark(node, "changed", "placeholder", { field, text: shown(value) })];
	});
}

/** What a URL holds before the @ is a secret. */
function shown(text: string): string {
	return text.replace(/\/\/[^/]*@/, "//").slice(0, 80);
}
