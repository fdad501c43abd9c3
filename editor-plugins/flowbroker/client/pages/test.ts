/** Publishes and subscribes for a test, with the rights of whom one likes. */

import { h } from "../dom";
import type { Page, PageContext } from "../page";
import { userNames } from "./test/as-user";
import { publishSection } from "./test/publish";
import { subscribeSection } from "./test/subscribe";

/** Refreshes after which the users are asked for anew. */
const USERS_EVERY = 10;

export function testPage(context: PageContext): Page {
	const { t, mayChange } = context;
	const publish = publishSection(context);
	const subscribe = subscribeSection(context);
	let refreshes = 0;
	return {
		pause: 1_000,
		take: publish.take,
		element: mayChange
			? h("div", { class: "flowbroker-test" }, subscribe.element, publish.element)
			: h("p", { class: "flowbroker-empty" }, t("test.notAllowed")),
		async refresh() {
			if (!mayChange) return;
			if (refreshes++ % USERS_EVERY === 0) {
				const names = await userNames(context);
				publish.show(names);
				subscribe.show(names);
			}
			await subscribe.refresh();
		},
	};
}
