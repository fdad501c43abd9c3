/** Clients without user name, and what holds where no rule matches. */

import type { Action, Defaults } from "../../../../../broker/http/contract";
import { h, setText } from "../../dom";
import type { PageContext } from "../../page";
import { button } from "../../widgets/button";
import { fold } from "../../widgets/fold";
import { field, select } from "../../widgets/form";
import { section } from "../../widgets/section";
import type { AccessData, Section } from "./data";
import { ruleEditor } from "./rules";

const actions = ["publish", "receive", "subscribe"] as const satisfies readonly Action[];

export function everybodySection(context: PageContext): Section<AccessData> {
	const { t } = context;
	const nameless = anonymousFold(context);
	const rest = defaultsFold(context);
	return {
		element: section(t("access.everybody"), nameless.element, rest.element),
		show({ anonymous, defaults }) {
			nameless.show(anonymous);
			rest.show(defaults);
		},
	};
}

function anonymousFold(context: PageContext): Section<AccessData["anonymous"]> {
	const { t, call, refresh, mayChange } = context;
	const state = h("div", { class: "flowbroker-quiet" });
	const rules = ruleEditor({ kind: "anonymous" }, context);
	let allowed = false;
	const toggle = button({
		label: t("access.enable"),
		icon: "power-off",
		click: async () => {
			await call("PATCH /brokers/:broker/anonymous", { enabled: !allowed });
			refresh();
		},
	});
	const row = fold(h("span", { class: "flowbroker-head-lines" }, h("strong", {}, t("access.anonymous")), state), () =>
		h("div", {}, rules.element, mayChange && h("div", { class: "flowbroker-buttons" }, toggle)),
	);
	return {
		element: row.element,
		show({ enabled, rules: own }) {
			allowed = enabled;
			const count = t("access.ruleCount", { n: own.length });
			setText(state, `${t(enabled ? "access.anonymousOn" : "access.anonymousOff")} · ${count}`);
			setText(toggle.querySelector("span") as HTMLElement, t(enabled ? "access.keepOut" : "access.letIn"));
			rules.show(own);
		},
	};
}

function defaultsFold({ t, call, refresh, mayChange }: PageContext): Section<Defaults> {
	const state = h("div", { class: "flowbroker-quiet" });
	const save = button({
		label: t("access.save"),
		click: async () => {
			const wanted = Object.fromEntries(actions.map((action, at) => [action, selects[at]?.value]));
			await call("PATCH /brokers/:broker/defaults", wanted as Partial<Defaults>);
			refresh();
		},
	});
	const selects = actions.map((action) => {
		const control = select([
			["deny", t("access.deny")],
			["allow", t("access.allow")],
		]);
		control.disabled = !mayChange;
		control.setAttribute("aria-label", t(`action.${action}`));
		return control;
	});
	const head = h("span", { class: "flowbroker-head-lines" }, h("strong", {}, t("access.defaults")), state);
	const row = fold(head, () =>
		h(
			"div",
			{ class: "flowbroker-form" },
			...actions.map((action, at) => field(t(`action.${action}`), selects[at] as HTMLElement)),
			mayChange && h("div", { class: "flowbroker-buttons" }, save),
		),
	);
	let before = "";
	return {
		element: row.element,
		show(defaults) {
			setText(
				state,
				actions.map((action) => `${t(`action.${action}`)}: ${t(`access.${defaults[action]}`)}`).join(", "),
			);
			// What somebody has chosen and not yet saved stays.
			const now = JSON.stringify(defaults);
			if (now === before) return;
			before = now;
			for (const [at, action] of actions.entries()) (selects[at] as HTMLSelectElement).value = defaults[action];
		},
	};
}
