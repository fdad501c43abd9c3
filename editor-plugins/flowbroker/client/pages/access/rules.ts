/** The rules of a user, of a group or of the clients without user name, and a form for another one. */

import type { Rule } from "../../../../../broker/http/contract";
import { h } from "../../dom";
import type { PageContext } from "../../page";
import type { Translate } from "../../text";
import { button } from "../../widgets/button";
import { fold } from "../../widgets/fold";
import { field, form, input, select } from "../../widgets/form";
import { list, type Row } from "../../widgets/list";
import { completed } from "../../widgets/topic-names";
import { addRule, type RuleOwner, removeRule } from "./rule-calls";

export interface RuleEditor {
	readonly element: HTMLElement;
	show(rules: readonly Rule[]): void;
}

export function ruleEditor(owner: RuleOwner, context: PageContext): RuleEditor {
	const { t, mayChange } = context;
	const rules = list<Rule>({
		label: t("rule.rules"),
		empty: t("rule.none"),
		keyOf: (rule) => JSON.stringify(rule),
		row: (rule) => ruleRow(rule, owner, context),
	});
	return {
		element: h("div", { class: "flowbroker-rules" }, rules.element, mayChange && addForm(owner, context)),
		show: rules.show,
	};
}

/** As in "may publish home/#". */
export function ruleText({ effect, action }: Pick<Rule, "effect" | "action">, t: Translate): string {
	return t(`rule.${effect}.${action}`);
}

function ruleRow(rule: Rule, owner: RuleOwner, { t, call, refresh, mayChange }: PageContext): Row<Rule> {
	const text = `${ruleText(rule, t)} `;
	const remove = button({
		label: t("rule.remove", { rule: `${text}${rule.filter}` }),
		icon: "trash",
		bare: true,
		click: async () => {
			await removeRule(call, owner, rule);
			refresh();
		},
	});
	const priority = rule.priority === 0 ? "" : ` · ${t("rule.priorityIs", { n: rule.priority })}`;
	const element = h(
		"div",
		{ class: "flowbroker-line" },
		h(
			"div",
			{},
			h("span", { class: `flowbroker-${rule.effect}` }, text),
			h("span", { class: "flowbroker-mono" }, rule.filter),
			h("span", { class: "flowbroker-quiet" }, priority),
		),
		mayChange && remove,
	);
	return { element, update: () => {} };
}

function addForm(owner: RuleOwner, { t, call, refresh }: PageContext): HTMLElement {
	const effects = ["allow", "deny"] as const;
	const actions = ["all", "publish", "receive", "subscribe"] as const;
	// One choice in the words that the rules are shown in.
	const kinds = effects.flatMap((effect) => actions.map((action) => ({ effect, action })));
	const kind = select(kinds.map((each, at) => [String(at), ruleText(each, t)]));
	const filter = input({ required: true, placeholder: "home/+/light", class: "flowbroker-mono", ...completed });
	const priority = input({ type: "number", value: "0" });
	const unfold = fold(
		h("span", {}, t("rule.add")),
		() =>
			form([field(t("rule.kind"), kind), field(t("rule.filter"), filter), field(t("rule.priority"), priority)], {
				label: t("rule.add"),
				icon: "plus",
				click: async () => {
					const { effect, action } = kinds[Number(kind.value)] ?? { effect: "deny", action: "all" };
					await addRule(call, owner, { effect, action, filter: filter.value.trim(), priority: Number(priority.value) });
					filter.value = "";
					refresh();
				},
			}),
		"add",
	);
	return unfold.element;
}
