/** A list of rules, compiled so that the one that decides is found without looking at all of them. Never changes. */

import type { Action, Rule } from "./model";

/** A rule and where it comes from, in words: `user "alice"`, `group "guests"`. */
export interface SourcedRule {
	readonly rule: Rule;
	readonly source: string;
}

/** What `%u` and `%c` stand for in one session; `null` when the client gave no user name. */
export interface Names {
	readonly user: string | null;
	readonly clientId: string;
}

type Slots = { [action in Action]?: SourcedRule };

interface Node {
	readonly children: Map<string, Node>;
	/** The levels `+`, `%u` and `%c`. */
	plus?: Node;
	user?: Node;
	client?: Node;
	/** The first of the rules whose filter ends here. */
	readonly here: Slots;
	/** The first of the rules whose filter ends here with one more level `#`. */
	readonly below: Slots;
	/** The first deny whose next level is `%u`, or `%c`: for names that cannot be filled in. */
	readonly unfilledUser: Slots;
	readonly unfilledClient: Slots;
}

const ACTIONS: readonly Action[] = ["publish", "receive", "subscribe"];

/** Does rule `a` go before rule `b`? Higher priority first, then deny before allow, else the one that came first. */
export function goesBefore(a: Rule, b: Rule): boolean {
	if (a.priority !== b.priority) return a.priority > b.priority;
	return a.effect === "deny" && b.effect === "allow";
}

/** May the name stand for a level of a topic? One with a wildcard or slash would reach what belongs to others. */
export function fillsLevel(name: string): boolean {
	return name !== "" && !/[+#/]/.test(name);
}

export class CompiledRules {
	readonly #root: Node = emptyNode();

	/**
	 * @param rules filters must be valid
	 * @param placeholders false takes `%u` and `%c` as plain text
	 */
	constructor(rules: readonly Rule[], source: string, placeholders = true) {
		for (const rule of rules) this.#add({ rule, source }, placeholders);
	}

	/**
	 * The first rule whose filter selects the topic; given a topic filter, the first that selects all of its topics.
	 * A deny whose `%u` or `%c` cannot be filled in selects everything from that level on: it must not fall away.
	 */
	first(action: Action, topicOrFilter: string, names: Names): SourcedRule | undefined {
		const levels = filterLevels(topicOrFilter);
		const user = names.user !== null && fillsLevel(names.user) ? names.user : undefined;
		const client = fillsLevel(names.clientId) ? names.clientId : undefined;
		let best: SourcedRule | undefined;
		const consider = (found: SourcedRule | undefined): void => {
			if (found && (!best || goesBefore(found.rule, best.rule))) best = found;
		};
		const visit = (node: Node, at: number): void => {
			const level = levels[at];
			const system = at === 0 && level?.startsWith("$");
			if (!system) consider(node.below[action]);
			if (level === undefined) consider(node.here[action]);
			// Only `#` itself selects all that # selects.
			if (level === undefined || level === "#") return;
			const child = node.children.get(level);
			if (child) visit(child, at + 1);
			if (system) return;
			if (node.plus) visit(node.plus, at + 1);
			if (node.user && level === user) visit(node.user, at + 1);
			if (node.client && level === client) visit(node.client, at + 1);
			if (user === undefined && names.user !== null) consider(node.unfilledUser[action]);
			if (client === undefined) consider(node.unfilledClient[action]);
		};
		visit(this.#root, 0);
		return best;
	}

	/**
	 * The rules whose filter has a topic in common with the given filter, each with the filter that selects what they
	 * have in common. Of several rules with the same filter only the first is found.
	 */
	*overlapping(action: Action, filter: string, names: Names): Generator<{ found: SourcedRule; common: string }> {
		const levels = filterLevels(filter);
		const values = { user: names.user ?? "", client: names.clientId };
		const visit = function* (node: Node, at: number, path: readonly string[]): Generator<[SourcedRule, string[]]> {
			const level = levels[at];
			const system = at === 0 && path.length === 0 && level?.startsWith("$");
			const below = node.below[action];
			if (below && !system) yield [below, [...path, ...levels.slice(at)]];
			const here = node.here[action];
			if (here && (level === undefined || level === "#")) yield [here, [...path]];
			if (level === undefined) return;
			const next = level === "#" ? at : at + 1;
			const wild = level === "#" || level === "+";
			for (const [name, child] of wild ? node.children : pick(node, level)) {
				if (wild && path.length === 0 && name.startsWith("$")) continue;
				yield* visit(child, next, [...path, name]);
			}
			if (system) return;
			if (node.plus) yield* visit(node.plus, next, [...path, wild ? "+" : level]);
			for (const [child, value] of [
				[node.user, values.user],
				[node.client, values.client],
			] as const) {
				if (!child || !fillsLevel(value) || (path.length === 0 && value.startsWith("$"))) continue;
				if (wild || value === level) yield* visit(child, next, [...path, value]);
			}
		};
		for (const [found, common] of visit(this.#root, 0, [])) yield { found, common: common.join("/") };
	}

	#add(sourced: SourcedRule, placeholders: boolean): void {
		const { filter, action, effect } = sourced.rule;
		const actions = action === "all" ? ACTIONS : [action];
		const levels = filterLevels(filter);
		let node = this.#root;
		for (const level of levels) {
			if (level === "#") break;
			if (placeholders && effect === "deny" && level === "%u") put(node.unfilledUser, actions, sourced);
			if (placeholders && effect === "deny" && level === "%c") put(node.unfilledClient, actions, sourced);
			node = descend(node, level, placeholders);
		}
		put(levels.at(-1) === "#" ? node.below : node.here, actions, sourced);
	}
}

/** The levels of a filter; `+/#` selects the same topics as `#`, and is made the same. */
function filterLevels(filter: string): string[] {
	return filter === "+/#" ? ["#"] : filter.split("/");
}

function pick(node: Node, level: string): Array<[string, Node]> {
	const child = node.children.get(level);
	return child ? [[level, child]] : [];
}

function descend(node: Node, level: string, placeholders: boolean): Node {
	if (level === "+") {
		node.plus ??= emptyNode();
		return node.plus;
	}
	if (placeholders && level === "%u") {
		node.user ??= emptyNode();
		return node.user;
	}
	if (placeholders && level === "%c") {
		node.client ??= emptyNode();
		return node.client;
	}
	let child = node.children.get(level);
	if (!child) {
		child = emptyNode();
		node.children.set(level, child);
	}
	return child;
}

function put(slots: Slots, actions: readonly Action[], sourced: SourcedRule): void {
	for (const action of actions) {
		const present = slots[action];
		if (!present || goesBefore(sourced.rule, present.rule)) slots[action] = sourced;
	}
}

function emptyNode(): Node {
	return { children: new Map(), here: {}, below: {}, unfilledUser: {}, unfilledClient: {} };
}
