/** Finds the node that a secret is for, by id or by name. Pure. */

import type { FlowNode } from "../flows";

/** The key of the variables that belong to the flow as a whole: that entry of an export has no name of its own. */
const globalKey = "global-config";

export class NodeKeys {
	readonly #byId: ReadonlyMap<string, FlowNode>;
	readonly #byName = new Map<string, FlowNode[]>();

	constructor(nodes: readonly FlowNode[]) {
		this.#byId = new Map(nodes.map((node) => [node.id, node]));
		for (const node of nodes) {
			for (const name of namesOf(node)) this.#byName.set(name, [...(this.#byName.get(name) ?? []), node]);
		}
	}

	/** @returns all that the key may mean; an id means one node */
	find(key: string): readonly FlowNode[] {
		const byId = this.#byId.get(key);
		return byId ? [byId] : (this.#byName.get(key) ?? []);
	}

	/** The shortest key that means this node alone: its name, or its id. */
	keyOf(node: FlowNode): string {
		const [name] = namesOf(node);
		return name !== undefined && this.find(name).length === 1 ? name : node.id;
	}
}

/** What a node is called; and as systemd writes it, which allows few characters in the names of files. */
function namesOf(node: FlowNode): string[] {
	if (node.type === "global-config") return [globalKey];
	const name = [node.name, node.label].find((text): text is string => typeof text === "string" && text !== "");
	return name === undefined ? [] : [...new Set([name, name.replace(/[^\w.-]+/g, "-")])];
}
