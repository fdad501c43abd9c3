/** The topics in use as a live tree, as long as somebody looks. */

import { h, setText, show } from "../dom";
import { number } from "../format";
import type { Page, PageContext } from "../page";
import { input, onTyping } from "../widgets/form";
import { preview } from "../widgets/value";
import { type TreeRow, virtualTree } from "../widgets/virtual-tree";
import { dragToCanvas } from "./topics/drag";
import { TopicModel, type TopicNode } from "./topics/model";
import { topicDetails } from "./topics/topic-details";

interface Row extends TreeRow {
	readonly node: TopicNode;
}

/** Answers that are taken in one refresh: with very many changes the page stays fluid, and a little behind. */
const MOST_ANSWERS = 10;

export function topicsPage(context: PageContext): Page {
	const { t, call } = context;
	const model = new TopicModel();
	let cursor = "";
	const part = input({ type: "search", placeholder: t("topics.search"), "aria-label": t("topics.search") });
	const count = h("p", { class: "flowbroker-quiet" });
	const full = h("p", { class: "flowbroker-warning", hidden: true });
	const empty = h("p", { class: "flowbroker-empty", hidden: true }, t("topics.none"));
	const selected = topicDetails(context);
	const tree = virtualTree<Row>({
		label: t("page.topics"),
		content: ({ node }) => contentOf(node),
		toggle: ({ node }, open) => {
			node.open = open;
			draw();
		},
		select: ({ node }) => {
			selected.select(node.topic);
			void selected.refresh().catch(() => {});
		},
	});
	onTyping(part, draw);
	dragToCanvas(tree.element, context, (inside) => tree.rowAt(inside)?.node.topic);

	return {
		pause: 1_000,
		element: h(
			"div",
			{ class: "flowbroker-topics" },
			h("div", { class: "flowbroker-bar" }, part),
			count,
			full,
			empty,
			tree.element,
			selected.element,
		),
		async refresh() {
			for (let answers = 0; answers < MOST_ANSWERS; answers++) {
				const changes = await call("GET /brokers/:broker/topics", { since: cursor });
				cursor = changes.cursor;
				model.apply(changes);
				setText(full, t("topics.full", { n: number(changes.total) }));
				show(full, changes.ignored > 0);
				if (!changes.more) break;
			}
			draw();
			await selected.refresh();
		},
	};

	function draw(): void {
		const wanted = part.value.trim();
		const nodes = model.rows(wanted);
		tree.show(nodes.map((node) => ({ key: node.topic, depth: node.depth, open: openOf(node, wanted), node })));
		setText(count, t("topics.total", { n: number(model.size) }));
		show(empty, model.size === 0);
	}

	function contentOf(node: TopicNode): Node[] {
		const { name, last, children, topics } = node;
		const below = topics - (last ? 1 : 0);
		const parts: Node[] = [h("span", { class: "flowbroker-mono" }, name === "" ? t("topics.emptyLevel") : name)];
		if (last?.retained) parts.push(h("i", { class: "fa fa-thumb-tack", title: t("topics.retained") }));
		if (last) parts.push(h("span", { class: "flowbroker-tree-value" }, preview(last, t)));
		if (children.size > 0) parts.push(h("span", { class: "flowbroker-badge" }, number(below)));
		return parts;
	}
}

/** What is searched for is all unfolded. */
function openOf({ children, open }: TopicNode, wanted: string): boolean | undefined {
	if (children.size === 0) return undefined;
	return wanted === "" ? open : true;
}
