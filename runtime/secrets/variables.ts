/** Fills environment variables into secrets: `${HOME_PASSWORD}`. Pure. */

import type { FlowNode } from "../flows";

/** What came of a text. */
export type Filled = { readonly value: string } | { readonly missing: string };

/**
 * @param declared variables that the flow itself declares: Node-RED fills these in where one is the whole text
 * @returns the name of the first variable that is nowhere
 */
export function fillVariables(text: string, environment: NodeJS.ProcessEnv, declared: ReadonlySet<string>): Filled {
	const whole = /^\$\{([^}]+)\}$/.exec(text)?.[1];
	if (whole !== undefined && environment[whole] === undefined && declared.has(whole)) return { value: text };
	let missing: string | undefined;
	const value = text.replace(/(\$?)\$\{([^}]+)\}/g, (place, escaped: string, name: string) => {
		// $${NAME} is the text ${NAME} itself.
		if (escaped) return place.slice(1);
		const found = environment[name];
		if (!found) missing ??= name;
		return found ?? "";
	});
	return missing === undefined ? { value } : { missing };
}

/** The variables of tabs, groups, subflows and of the flow as a whole. */
export function declaredVariables(nodes: readonly FlowNode[]): Set<string> {
	const entries = nodes.flatMap(({ env }) => (Array.isArray(env) ? (env as unknown[]) : []));
	return new Set(
		entries.flatMap((entry) => {
			const name = (entry as { name?: unknown } | null)?.name;
			return typeof name === "string" ? [name] : [];
		}),
	);
}
