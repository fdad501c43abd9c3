/** Groups: rules that several users share. */

import type { Group } from "../../../../../broker/http/contract";
import { h, setText } from "../../dom";
import type { PageContext } from "../../page";
import { button } from "../../widgets/button";
import { fold } from "../../widgets/fold";
import { field, form, input } from "../../widgets/form";
import { list, type Row } from "../../widgets/list";
import { confirm } from "../../widgets/notice";
import { section } from "../../widgets/section";
import type { AccessData, Section } from "./data";
import { ruleEditor } from "./rules";

interface GroupItem {
	readonly group: Group;
	/** Names of the users in it. */
	readonly members: readonly string[];
}

export function groupsSection(context: PageContext): Section<AccessData> {
	const { t, mayChange } = context;
	const groups = list<GroupItem>({
		label: t("access.groups"),
		empty: t("access.noGroups"),
		keyOf: ({ group }) => group.name,
		row: (item) => groupRow(item, context),
	});
	return {
		element: section(t("access.groups"), groups.element, mayChange && addForm(context)),
		show({ users, groups: all }) {
			groups.show(
				all.map((group) => ({
					group,
					members: users.flatMap((user) => (user.groups.includes(group.name) ? [user.name] : [])),
				})),
			);
		},
	};
}

function groupRow(first: GroupItem, context: PageContext): Row<GroupItem> {
	const { t, call, refresh, mayChange } = context;
	const { name } = first.group;
	const more = h("div", { class: "flowbroker-quiet" });
	const rules = ruleEditor({ kind: "group", group: name }, context);
	const remove = button({
		label: t("access.remove"),
		icon: "trash",
		click: async () => {
			if (!(await confirm(t, t("access.removeGroup", { name }), t("access.remove")))) return;
			await call("DELETE /brokers/:broker/groups/:name", { name });
			refresh();
		},
	});
	const row = fold(h("span", { class: "flowbroker-head-lines" }, h("strong", {}, name), more), () =>
		h("div", {}, rules.element, mayChange && h("div", { class: "flowbroker-buttons" }, remove)),
	);
	const update = ({ group, members }: GroupItem) => {
		const who = members.length === 0 ? t("access.noMembers") : members.join(", ");
		setText(more, `${who} · ${t("access.ruleCount", { n: group.rules.length })}`);
		rules.show(group.rules);
	};
	update(first);
	return { element: row.element, update };
}

function addForm({ t, call, refresh }: PageContext): HTMLElement {
	const name = input({ required: true });
	const unfold = fold(
		h("span", {}, t("access.addGroup")),
		() =>
			form([field(t("access.name"), name)], {
				label: t("access.add"),
				icon: "plus",
				click: async () => {
					await call("POST /brokers/:broker/groups", { name: name.value.trim() });
					name.value = "";
					unfold.set(false);
					refresh();
				},
			}),
		"add",
	);
	return unfold.element;
}
