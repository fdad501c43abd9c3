/** The limits of the embedded broker: a field for each; what is left empty is as usual and not stored. */

// Not by way of the public face, which would bring the whole broker into the browser: this table is pure.
import { limitRanges } from "../../../broker/limits";
import { field } from "../form";
import type { Verdict } from "../validate";

/** The part of a node that is looked at here. */
export interface WithLimits {
	limits?: Readonly<Record<string, unknown>>;
}

const names = Object.keys(limitRanges) as (keyof typeof limitRanges)[];

export function fillLimits(node: WithLimits): void {
	for (const name of names) {
		const input = field(inputId(name));
		if (!input) continue;
		const [least, usual, most] = limitRanges[name];
		input.value = String(node.limits?.[name] ?? "");
		if (input instanceof HTMLInputElement) input.placeholder = usual.toLocaleString();
		input.title = `${least.toLocaleString()} – ${most.toLocaleString()}`;
		const look = () => input.classList.toggle("input-error", limit(name, input.value) !== true);
		input.addEventListener("input", look);
		look();
	}
	const drops = field(inputId("queueDrops"));
	if (drops) drops.value = String(node.limits?.queueDrops ?? "");
}

export function takeLimits(node: WithLimits): void {
	const filled = [...names, "queueDrops"].flatMap((name) => {
		const value = field(inputId(name))?.value.trim();
		return value ? [[name, /^\d+$/.test(value) ? Number(value) : value]] : [];
	});
	node.limits = Object.fromEntries(filled);
}

/** For the stored object, which may have been written by hand. */
export function limits(value: unknown): Verdict {
	if (value === undefined || value === null) return true;
	if (typeof value !== "object") return "limits must be an object";
	for (const [name, each] of Object.entries(value)) {
		if (name === "queueDrops") continue;
		const known = names.find((limitName) => limitName === name);
		if (!known) return `there is no limit "${name}"`;
		const verdict = limit(known, each);
		if (verdict !== true) return verdict;
	}
	return true;
}

function limit(name: (typeof names)[number], value: unknown): Verdict {
	const text = String(value ?? "").trim();
	if (text === "" || text.includes("${")) return true;
	const [least, , most] = limitRanges[name];
	const isInside = /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;
	return isInside ? true : `${name} must be a whole number from ${least} to ${most}`;
}

function inputId(name: string): string {
	return `node-config-input-limits-${name}`;
}
