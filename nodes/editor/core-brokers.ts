/** Offers Node-RED's own `mqtt-broker` config nodes in the list of brokers, which holds those of this package. */

import { field } from "./form";

interface ConfigNode {
	readonly id: string;
	readonly type: string;
	/** The flow that it belongs to; undefined for one of all flows. */
	readonly z?: string;
}

/** The part of the editor's RED that is needed here. */
export interface EditorRed {
	readonly nodes: { eachConfig(visit: (node: ConfigNode) => void): void };
	readonly utils: { getNodeLabel(node: ConfigNode, otherwise: string): string };
}

const TYPE = "mqtt-broker";

/** @param node whose form is open */
export function offerCoreBrokers(node: { readonly broker?: unknown; readonly z?: string }, RED: EditorRed): void {
	const list = field("node-input-broker");
	if (!(list instanceof HTMLSelectElement)) return;
	const found: ConfigNode[] = [];
	RED.nodes.eachConfig((config) => {
		if (config.type === TYPE && (!config.z || config.z === node.z)) found.push(config);
	});
	if (found.length === 0) return;
	const offer = () => {
		for (const config of found) {
			if (list.querySelector(`option[value="${config.id}"]`)) continue;
			const option = new Option(`${RED.utils.getNodeLabel(config, config.id)} (${TYPE})`, config.id);
			list.insertBefore(option, list.querySelector('option[value="_ADD_"]'));
		}
	};
	// Node-RED makes the list anew when another broker is added.
	new MutationObserver(offer).observe(list, { childList: true });
	// The button would open the form of the other type.
	list.addEventListener("change", () => {
		const edit = document.getElementById("node-input-btn-broker-edit");
		if (!edit || !found.some(({ id }) => id === list.value)) return;
		Object.assign(edit, { disabled: true });
		edit.classList.add("disabled");
	});
	offer();
	if (!found.some(({ id }) => id === node.broker)) return;
	list.value = String(node.broker);
	list.dispatchEvent(new Event("change"));
}
