/** "May this user publish that topic?", answered with the rule that decides. */

import type { Action } from "../../../../../broker/http/contract";
import { h, setText } from "../../dom";
import type { PageContext } from "../../page";
import { field, form, input, select, setChoices } from "../../widgets/form";
import { section } from "../../widgets/section";
import { completed } from "../../widgets/topic-names";
import type { AccessData, Section } from "./data";

/** No user name starts with a blank. */
const NOBODY = " nobody";

export function questionSection({ t, call }: PageContext): Section<AccessData> {
	const user = select([]);
	const action = select<Action>([
		["publish", t("action.publish")],
		["receive", t("action.receive")],
		["subscribe", t("action.subscribe")],
	]);
	const topic = input({ required: true, placeholder: "home/kitchen/light", class: "flowbroker-mono", ...completed });
	const clientId = input({ placeholder: t("question.clientIdHint"), class: "flowbroker-mono" });
	const answer = h("p", { role: "status", class: "flowbroker-answer" });
	const ask = form(
		[
			h("div", { class: "flowbroker-columns" }, field(t("question.user"), user), field(t("question.action"), action)),
			h(
				"div",
				{ class: "flowbroker-columns" },
				field(t("question.topic"), topic),
				field(t("question.clientId"), clientId),
			),
		],
		{
			label: t("question.ask"),
			icon: "question",
			click: async () => {
				const { allow, reason } = await call("GET /brokers/:broker/access-test", {
					action: action.value as Action,
					topic: topic.value,
					...(user.value !== NOBODY && { user: user.value }),
					...(clientId.value !== "" && { clientId: clientId.value }),
				});
				answer.className = `flowbroker-answer flowbroker-${allow ? "allow" : "deny"}`;
				setText(answer, t(allow ? "question.yes" : "question.no", { reason }));
			},
		},
	);
	return {
		element: section(t("question.title"), ask, answer),
		show: ({ users }) =>
			setChoices(user, [...users.map(({ name }) => [name, name] as const), [NOBODY, t("clients.nobody")]]),
	};
}
