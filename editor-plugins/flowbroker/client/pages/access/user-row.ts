/** One user: groups, rules, password, and the way out. */

import { h, setText, show } from "../../dom";
import type { PageContext } from "../../page";
import { button, run } from "../../widgets/button";
import { fold } from "../../widgets/fold";
import { form } from "../../widgets/form";
import type { Row } from "../../widgets/list";
import { confirm } from "../../widgets/notice";
import { newPassword } from "./new-password";
import { passwordFields } from "./password-fields";
import { ruleEditor } from "./rules";
import { tickList } from "./tick-list";
import { type UserDetails, userDetails } from "./user-details";
import type { UserItem } from "./users";

export function userRow(first: UserItem, context: PageContext): Row<UserItem> {
	const { t, call, refresh, mayChange } = context;
	const { name } = first.user;
	const more = h("div", { class: "flowbroker-quiet" });
	const off = h("span", { class: "flowbroker-badge" });
	const head = h("span", { class: "flowbroker-head-lines" }, h("strong", {}, name), " ", off, more);
	const rules = ruleEditor({ kind: "user", user: name }, context);
	const groups = tickList(t("access.groups"), () => void changeGroups());
	const enable = button({
		label: t("access.disable"),
		icon: "power-off",
		click: async () => {
			const action = item.user.enabled ? "disable" : "enable";
			await call(`POST /brokers/:broker/users/:name/${action}`, { name });
			refresh();
		},
	});
	const details = userDetails(t);
	const facts = h("p", { class: "flowbroker-quiet" });
	let item = first;

	const changeGroups = () =>
		run(enable, async () => {
			await call("PATCH /brokers/:broker/users/:name", { name, groups: groups.chosen() });
			refresh();
		});
	const row = fold(head, () =>
		h(
			"div",
			{},
			facts,
			rules.element,
			mayChange &&
				h(
					"div",
					{},
					groups.element,
					detailsForm(name, details, context),
					passwordForm(name, context),
					h("div", { class: "flowbroker-buttons" }, enable, removeButton(name, context)),
				),
		),
	);
	const update = (now: UserItem) => {
		item = now;
		const { enabled, hasPassword, groups: own, rules: ownRules, note, expires, clientIds } = now.user;
		const over = expires !== null && Date.parse(expires) <= Date.now();
		show(off, !enabled || !hasPassword || over);
		setText(off, t(enabled ? (over ? "access.expired" : "access.noPassword") : "access.disabled"));
		const said = [
			expires !== null && t("access.expiresOn", { date: new Date(expires).toLocaleDateString() }),
			clientIds !== null && t("access.onlyClientIds", { ids: clientIds.join(", ") }),
		].filter((text) => text !== false);
		show(facts, said.length > 0);
		setText(facts, said.join(" "));
		details.show(now.user);
		const parts = [own.join(", "), t("access.ruleCount", { n: ownRules.length }), note];
		setText(more, parts.filter((part) => part !== "").join(" · "));
		setText(enable.querySelector("span") as HTMLElement, t(enabled ? "access.disable" : "access.enable"));
		rules.show(ownRules);
		groups.show(now.groups, own);
	};
	update(first);
	return { element: row.element, update };
}

function detailsForm(name: string, details: UserDetails, { t, call, refresh }: PageContext): HTMLElement {
	const body = () =>
		form([details.element], {
			label: t("access.save"),
			click: async () => {
				await call("PATCH /brokers/:broker/users/:name", { name, ...details.chosen() });
				unfold.set(false);
				refresh();
			},
		});
	const unfold = fold(h("span", {}, t("access.details")), body, "add");
	return unfold.element;
}

function passwordForm(name: string, { t, call }: PageContext): HTMLElement {
	const password = passwordFields(t);
	const shown = newPassword(t);
	const unfold = fold(
		h("span", {}, t("password.new")),
		() =>
			form([password.element], {
				label: t("password.set"),
				icon: "key",
				click: async () => {
					const answer = await call("PUT /brokers/:broker/users/:name/password", { name, ...password.choice() });
					shown.show(name, answer.password);
					password.clear();
					unfold.set(false);
				},
			}),
		"add",
	);
	return h("div", {}, shown.element, unfold.element);
}

function removeButton(name: string, { t, call, refresh }: PageContext): HTMLElement {
	return button({
		label: t("access.remove"),
		icon: "trash",
		click: async () => {
			if (!(await confirm(t, t("access.removeUser", { name }), t("access.remove")))) return;
			await call("DELETE /brokers/:broker/users/:name", { name });
			refresh();
		},
	});
}
