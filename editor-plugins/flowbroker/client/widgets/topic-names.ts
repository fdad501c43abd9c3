/** Completes topics by those that are in use: one list in the page, for whichever field is typed in. */

import type { BrokerCall } from "../api";
import { h } from "../dom";

/** To be spread into the attributes of an input. */
export const completed = { list: "flowbroker-topic-names" } as const;

/** Names that a browser's list still shows well. */
const MOST = 500;

/**
 * @param area the fields are somewhere in it
 * @param call the broker of now; undefined while there is none
 */
export function topicNames(area: HTMLElement, call: () => BrokerCall | undefined): HTMLElement {
	const names = h("datalist", { id: completed.list });
	const complete = ({ target }: Event) => {
		const read = call();
		if (!read || !(target instanceof HTMLInputElement) || target.getAttribute("list") !== completed.list) return;
		// Without names the field does its work as well.
		read("GET /brokers/:broker/topics", {}).then(
			({ topics }) => names.replaceChildren(...topics.slice(0, MOST).map(({ topic }) => h("option", { value: topic }))),
			() => names.replaceChildren(),
		);
	};
	area.addEventListener("focusin", complete);
	// What is used since then is among them when a value is entered.
	area.addEventListener("change", complete);
	return names;
}
