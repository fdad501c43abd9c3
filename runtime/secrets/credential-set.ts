/** The credentials of the nodes of a flow, in the form in which Node-RED takes them. */

import type { FlowNode } from "../flows";
import type { NodeCredentials } from "./node-red-credentials";

/** Node-RED keeps the secret variables of the flow as a whole one level deeper. */
const globalType = "global-config";

export class CredentialSet {
	readonly #fields = new Map<string, Record<string, unknown>>();

	/** Takes the place of what was there. */
	put(node: FlowNode, field: string, value: string): void {
		const fields = this.#fieldsOf(node);
		if (node.type !== globalType) {
			fields[field] = value;
			return;
		}
		fields.map = { ...(fields.map as object | undefined), [field]: value, [`has_${field}`]: true };
	}

	/** Takes what Node-RED itself has kept for the node. */
	putKept(node: FlowNode, kept: Readonly<Record<string, unknown>>): void {
		Object.assign(this.#fieldsOf(node), kept);
	}

	has(node: FlowNode, field: string): boolean {
		const fields = this.#fields.get(node.id);
		const value =
			node.type === globalType ? (fields?.map as Record<string, unknown> | undefined)?.[field] : fields?.[field];
		return value !== undefined && value !== "";
	}

	toObject(): NodeCredentials {
		return Object.fromEntries(this.#fields);
	}

	#fieldsOf(node: FlowNode): Record<string, unknown> {
		const fields = this.#fields.get(node.id) ?? {};
		this.#fields.set(node.id, fields);
		return fields;
	}
}
