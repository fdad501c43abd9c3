/** The topics as a tree, as far as it is unfolded: no element of the page is in it. */

import type { TopicChanges, TopicView } from "../../../../../broker/http/contract";

export interface TopicNode {
	/** The level, as it stands between two slashes; it may be empty. */
	readonly name: string;
	/** From the first level on. */
	readonly topic: string;
	/** 1 for the first level. */
	readonly depth: number;
	readonly parent: TopicNode | undefined;
	/** By name. */
	readonly children: Map<string, TopicNode>;
	/** The last message on exactly this topic. */
	last: TopicView | undefined;
	/** How many topics below it have a message, itself included. */
	topics: number;
	open: boolean;
	/** Undefined when a child has come since they were sorted. */
	sorted: TopicNode[] | undefined;
}

export class TopicModel {
	/** Stands for what is before the first level. */
	#root = nodeOf("", "", undefined);
	/** Topics with a message. */
	get size(): number {
		return this.#root.topics;
	}

	apply({ restart, topics }: TopicChanges): void {
		if (restart) this.#root = sameFolds(this.#root);
		for (const view of topics) this.#put(view);
	}

	/** @param part only topics with that in their name, all unfolded; empty for the tree as it is unfolded */
	rows(part: string): TopicNode[] {
		const rows: TopicNode[] = [];
		const wanted = part.toLowerCase();
		if (wanted === "") collect(this.#root, rows);
		else search(this.#root, wanted, rows);
		return rows;
	}

	find(topic: string): TopicNode | undefined {
		let node: TopicNode | undefined = this.#root;
		for (const level of topic.split("/")) node = node?.children.get(level);
		return node;
	}

	#put(view: TopicView): void {
		let node = this.#root;
		for (const level of view.topic.split("/")) {
			let child = node.children.get(level);
			if (!child) {
				child = nodeOf(level, node.parent ? `${node.topic}/${level}` : level, node);
				node.children.set(level, child);
				node.sorted = undefined;
			}
			node = child;
		}
		if (!node.last) for (let each: TopicNode | undefined = node; each; each = each.parent) each.topics++;
		node.last = view;
	}
}

function nodeOf(name: string, topic: string, parent: TopicNode | undefined): TopicNode {
	const depth = parent ? parent.depth + 1 : 0;
	return {
		name,
		topic,
		depth,
		parent,
		children: new Map(),
		last: undefined,
		topics: 0,
		open: !parent,
		sorted: undefined,
	};
}

/** What is unfolded stays so when everything is told anew. */
function sameFolds(root: TopicNode): TopicNode {
	const fresh = nodeOf("", "", undefined);
	const copy = (from: TopicNode, to: TopicNode) => {
		for (const child of from.children.values()) {
			if (!child.open) continue;
			const same = nodeOf(child.name, child.topic, to);
			same.open = true;
			to.children.set(same.name, same);
			copy(child, same);
		}
	};
	copy(root, fresh);
	return fresh;
}

function collect(node: TopicNode, rows: TopicNode[]): void {
	for (const child of sortedChildren(node)) {
		// Unfolded before, and not heard of since.
		if (child.topics === 0) continue;
		rows.push(child);
		if (child.open) collect(child, rows);
	}
}

/** @returns true when something below was found */
function search(node: TopicNode, wanted: string, rows: TopicNode[]): boolean {
	let any = false;
	for (const child of sortedChildren(node)) {
		const at = rows.length;
		rows.push(child);
		const below = search(child, wanted, rows);
		const itself = child.last !== undefined && child.topic.toLowerCase().includes(wanted);
		if (below || itself) any = true;
		else rows.length = at;
	}
	return any;
}

/** `device2` before `device10`. */
const byName = new Intl.Collator(undefined, { numeric: true });

/** What the broker tells of itself comes last. */
function sortedChildren(node: TopicNode): TopicNode[] {
	node.sorted ??= [...node.children.values()].sort((a, b) => {
		if (a.name.startsWith("$") !== b.name.startsWith("$")) return a.name.startsWith("$") ? 1 : -1;
		return byName.compare(a.name, b.name);
	});
	return node.sorted;
}
