/** What clients were not allowed to do lately, each with the narrowest rule that would allow it. */

import type { DenialView, Page } from "../../../../../broker/http/contract";
import { h, setText } from "../../dom";
import { ago, number } from "../../format";
import type { PageContext } from "../../page";
import { button } from "../../widgets/button";
import { list, type Row } from "../../widgets/list";
import { confirm } from "../../widgets/notice";
import { section } from "../../widgets/section";
import type { Section } from "./data";
import { addRule, type RuleOwner } from "./rule-calls";
import { ruleText } from "./rules";

type Proposal = NonNullable<DenialView["proposal"]>;

export function denialsSection(context: PageContext): Section<Page<DenialView>> {
	const { t } = context;
	const denials = list<DenialView>({
		label: t("denial.title"),
		empty: t("denial.none"),
		keyOf: ({ clientId, user, action, topic, proposal }) => JSON.stringify([clientId, user, action, topic, proposal]),
		row: (denial) => denialRow(denial, context),
	});
	return { element: section(t("denial.title"), denials.element), show: ({ items }) => denials.show(items) };
}

function denialRow(first: DenialView, context: PageContext): Row<DenialView> {
	const { t, mayChange } = context;
	const { clientId, user, action, topic, proposal } = first;
	const why = h("div", { class: "flowbroker-quiet" });
	const update = ({ reason, count, at, address, allowedNow }: DenialView) => {
		const now = allowedNow ? t("denial.allowedNow") : reason;
		setText(
			why,
			`${now} · ${t("denial.times", { n: number(count) })} · ${ago(at, t)} · ${clientId || t("clients.noId")} · ${address}`,
		);
	};
	update(first);
	const what = h(
		"div",
		{},
		h("strong", {}, user ?? t("clients.nobody")),
		` ${t(`denial.${action}`)} `,
		h("span", { class: "flowbroker-mono" }, topic),
	);
	return {
		element: h(
			"div",
			{ class: "flowbroker-line" },
			h("div", {}, what, why),
			mayChange && proposal && allowButton(proposal, context),
		),
		update,
	};
}

function allowButton(proposal: Proposal, { t, call, refresh }: PageContext): HTMLElement {
	const { rule } = proposal;
	return button({
		label: t("denial.allow"),
		icon: "check",
		click: async () => {
			const owner = ownerOf(proposal);
			const values = {
				rule: ruleText(rule, t),
				filter: rule.filter,
				user: owner.kind === "user" ? owner.user : t("clients.nobody"),
			};
			if (!(await confirm(t, t("denial.question", values), t("denial.allow")))) return;
			await addRule(call, owner, rule);
			refresh();
		},
	});
}

function ownerOf({ owner }: Proposal): RuleOwner {
	if ("user" in owner) return { kind: "user", user: owner.user };
	return "group" in owner ? { kind: "group", group: owner.group } : { kind: "anonymous" };
}
