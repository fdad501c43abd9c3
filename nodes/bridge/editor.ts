/** Editor half of the bridge node: its rules as a list. */

// Not by way of the public face, which would bring the whole broker into the browser: this is pure.
import { isTopicName, whyNotFilter } from "../../broker/topic";
import { field, onChange, show } from "../editor/form";
import type { Verdict } from "../editor/validate";

export { topicName, whole } from "../editor/validate";

/** A rule as the list holds it. */
interface Rule {
	filter?: string;
	direction?: string;
	qos?: string | number;
	localPrefix?: string;
	remotePrefix?: string;
}

interface Stored {
	rules?: readonly Rule[];
	readonly _?: (key: string) => string;
	_def?: { readonly defaults: Readonly<Record<string, { readonly value?: unknown }>> };
	readonly [name: string]: unknown;
}

/** An element as jQuery hands it over. */
interface Wrapped {
	get(at: 0): HTMLElement;
}

/** The part of the editor's own jQuery widget that is used here. */
interface ListElement {
	editableList(options: object): ListElement;
	editableList(method: "items"): { each(visit: (at: number, item: Wrapped) => void): void };
	editableList(method: "addItem", item: Rule): void;
	css(name: string, value: string): ListElement;
}
declare const $: (selector: string) => ListElement;

const fields = ["filter", "direction", "qos", "localPrefix", "remotePrefix"] as const;
const directions = ["out", "in", "both"] as const;

export function prepare(node: Stored): void {
	fillMissing(node);
	const text = (key: string) => node._?.(`bridge.${key}`) ?? key;
	// Not named as the property: Node-RED would read it as a field.
	const list = $("#node-input-rules-list")
		.css("min-width", "450px")
		.editableList({
			addItem: (row: Wrapped, _at: number, rule: Rule) => addRow(row.get(0), rule, text),
			height: "auto",
			removable: true,
			sortable: true,
			addButton: text("label.add-rule"),
		});
	for (const rule of node.rules ?? []) list.editableList("addItem", { ...rule });
	onChange(["node-input-start"], () => show("flowbroker-bridge-lazy", field("node-input-start")?.value === "lazy"));
	onChange(["node-input-notifications"], () => show("flowbroker-bridge-notifications", isChecked("notifications")));
	onChange(["node-input-protocolVersion"], () =>
		show("flowbroker-bridge-older", field("node-input-protocolVersion")?.value !== "5"),
	);
}

/** Before the form is stored: the list is no field that Node-RED stores by itself. */
export function save(node: Stored): void {
	const rules: Rule[] = [];
	$("#node-input-rules-list")
		.editableList("items")
		.each((_at, item) => {
			const rule: Record<string, string> = {};
			for (const name of fields) rule[name] = inputIn(item.get(0), name)?.value.trim() ?? "";
			rules.push(rule);
		});
	node.rules = rules;
}

export function rules(value: unknown): Verdict {
	if (!Array.isArray(value) || value.length === 0) return "at least one rule: without one nothing crosses";
	for (const [at, rule] of (value as Rule[]).entries()) {
		const problem = whyNot(rule);
		if (problem) return `rule ${at + 1}: ${problem}`;
	}
	return true;
}

function whyNot({ filter = "", direction = "out", localPrefix = "", remotePrefix = "" }: Rule): string | undefined {
	if (!directions.some((one) => one === direction)) return "the direction must be out, in or both";
	for (const prefix of [localPrefix, remotePrefix].map(withoutVariables)) {
		if (/[+#]/.test(prefix)) return "a prefix must not contain + or #";
		if (filter === "" && !isTopicName(prefix)) return "without a topic filter both prefixes must be filled in";
		const problem = whyNotFilter(prefix + withoutVariables(filter));
		if (problem) return problem;
	}
	return undefined;
}

function addRow(row: HTMLElement, rule: Rule, text: (key: string) => string): void {
	row.style.cssText += "display: grid; grid-template-columns: 1fr 90px 90px; gap: 4px; align-items: center";
	const add = (name: (typeof fields)[number], element: HTMLInputElement | HTMLSelectElement) => {
		element.className = `flowbroker-bridge-${name}`;
		element.style.cssText = "width: 100%; margin: 0";
		element.title = text(`placeholder.${name}`);
		element.setAttribute("aria-label", element.title);
		return element;
	};
	const input = (name: "filter" | "localPrefix" | "remotePrefix") => {
		const element = document.createElement("input");
		element.type = "text";
		element.placeholder = text(`placeholder.${name}`);
		element.value = rule[name] ?? (name === "filter" ? "#" : "");
		return add(name, element);
	};
	const select = (
		name: "direction" | "qos",
		values: readonly string[],
		chosen: string,
		label: (value: string) => string,
	) => {
		const element = document.createElement("select");
		for (const value of values) element.add(new Option(label(value), value));
		element.value = chosen;
		return add(name, element);
	};
	const direction = String(rule.direction ?? "out");
	const prefixes = document.createElement("div");
	prefixes.style.cssText = "grid-column: 1 / -1; display: grid; grid-template-columns: 1fr 1fr; gap: 4px";
	prefixes.append(input("localPrefix"), input("remotePrefix"));
	row.append(
		input("filter"),
		select("direction", directions, direction, (value) => text(`option.${value}`)),
		select("qos", ["0", "1", "2"], String(rule.qos ?? "0"), (value) => `QoS ${value}`),
		prefixes,
	);
}

function inputIn(element: HTMLElement, name: string) {
	return element.querySelector<HTMLInputElement | HTMLSelectElement>(`.flowbroker-bridge-${name}`);
}

/** Flows that were made by hand lack some properties: an empty form would store the opposite. */
function fillMissing(node: Stored): void {
	for (const [name, { value }] of Object.entries(node._def?.defaults ?? {})) {
		const input = field(`node-input-${name}`);
		if (!input || node[name] !== undefined) continue;
		if (input instanceof HTMLInputElement && input.type === "checkbox") input.checked = value === true;
		else if (typeof value !== "object") input.value = String(value);
	}
}

function isChecked(name: string): boolean {
	const input = field(`node-input-${name}`);
	return input instanceof HTMLInputElement && input.checked;
}

/** What a variable holds is not known here: it counts as text. */
function withoutVariables(text: string): string {
	return text.replace(/\$\{[^}]+\}/g, "variable");
}
