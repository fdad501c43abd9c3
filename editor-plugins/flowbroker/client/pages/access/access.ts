/** Users and their permissions: everything that decides who may do what. */

import { ApiError } from "../../api";
import { h, setText, show } from "../../dom";
import type { Page, PageContext } from "../../page";
import { readAccess } from "./data";
import { denialsSection } from "./denials";
import { everybodySection } from "./everybody";
import { groupsSection } from "./groups";
import { questionSection } from "./question";
import { usersSection } from "./users";

export function accessPage(context: PageContext): Page {
	const elsewhere = h("p", { class: "flowbroker-empty", hidden: true });
	const sections = [usersSection(context), groupsSection(context), everybodySection(context), questionSection(context)];
	const own = h("div", { hidden: true }, ...sections.map(({ element }) => element));
	const denials = denialsSection(context);
	return {
		pause: 3_000,
		element: h("div", {}, elsewhere, own, denials.element),
		async refresh() {
			denials.show(await context.call("GET /brokers/:broker/denials", { limit: 100 }));
			try {
				const data = await readAccess(context.call);
				for (const section of sections) section.show(data);
				show(own, true);
				show(elsewhere, false);
			} catch (error) {
				if (!(error instanceof ApiError) || error.code !== "USERS_ELSEWHERE") throw error;
				// Not a fault: this broker asks Mosquitto's files, or nobody.
				setText(elsewhere, error.message);
				show(own, false);
				show(elsewhere, true);
			}
		},
	};
}
