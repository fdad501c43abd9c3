/** The users: who there is, and a form for another one. */

import type { UserView } from "../../../../../broker/http/contract";
import { h } from "../../dom";
import type { PageContext } from "../../page";
import { fold } from "../../widgets/fold";
import { field, form, input } from "../../widgets/form";
import { list } from "../../widgets/list";
import { section } from "../../widgets/section";
import type { AccessData, Section } from "./data";
import { newPassword } from "./new-password";
import { passwordFields } from "./password-fields";
import { tickList } from "./tick-list";
import { userDetails } from "./user-details";
import { userRow } from "./user-row";

/** A user, with the names of all groups there are. */
export interface UserItem {
	readonly user: UserView;
	readonly groups: readonly string[];
}

const NO_DETAILS = { note: "", expires: null, clientIds: null } as const;

export function usersSection(context: PageContext): Section<AccessData> {
	const { t, mayChange } = context;
	const users = list<UserItem>({
		label: t("access.users"),
		empty: t("access.noUsers"),
		keyOf: ({ user }) => user.name,
		row: (item) => userRow(item, context),
	});
	const add = addForm(context);
	return {
		element: section(t("access.users"), users.element, mayChange && add.element),
		show({ users: all, groups }) {
			const names = groups.map(({ name }) => name);
			users.show(all.map((user) => ({ user, groups: names })));
			add.showGroups(names);
		},
	};
}

function addForm({ t, call, refresh }: PageContext) {
	const name = input({ required: true });
	const password = passwordFields(t);
	const groups = tickList(t("access.groups"));
	const details = userDetails(t);
	const shown = newPassword(t);
	const element = h("div", {});
	const more = fold(h("span", {}, t("access.details")), () => details.element, "add");
	const unfold = fold(
		h("span", {}, t("access.addUser")),
		() =>
			form([field(t("access.name"), name), password.element, groups.element, more.element], {
				label: t("access.add"),
				icon: "plus",
				click: async () => {
					const answer = await call("POST /brokers/:broker/users", {
						name: name.value.trim(),
						groups: groups.chosen(),
						...details.chosen(),
						...password.choice(),
					});
					shown.show(answer.user.name, answer.password);
					name.value = "";
					password.clear();
					details.show(NO_DETAILS);
					more.set(false);
					unfold.set(false);
					refresh();
				},
			}),
		"add",
	);
	element.append(shown.element, unfold.element);
	return { element, showGroups: groups.show };
}
