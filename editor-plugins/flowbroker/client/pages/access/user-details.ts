/** What can be said about a user beside name, password and groups: a note, an end, the client ids that may be used. */

import type { UserView } from "../../../../../broker/http/contract";
import { h } from "../../dom";
import type { Translate } from "../../text";
import { field, input } from "../../widgets/form";

type Details = Pick<UserView, "note" | "expires" | "clientIds">;

export interface UserDetails {
	readonly element: HTMLElement;
	chosen(): Details;
	/** What somebody has typed and not yet saved stays, unless it was changed elsewhere. */
	show(details: Details): void;
}

export function userDetails(t: Translate): UserDetails {
	const note = input({ placeholder: t("access.noteHint") });
	const expires = input({ type: "date" });
	const clientIds = h("textarea", { rows: 2, class: "flowbroker-mono", placeholder: t("access.anyClientId") });
	let before = "";
	return {
		element: h(
			"div",
			{ class: "flowbroker-form" },
			field(t("access.note"), note),
			field(t("access.expires"), expires),
			field(t("access.clientIds"), clientIds),
		),
		chosen: () => {
			const ids = clientIds.value.split("\n").filter((line) => line !== "");
			return {
				note: note.value.trim(),
				expires: expires.value.trim() === "" ? null : expires.value.trim(),
				clientIds: ids.length === 0 ? null : ids,
			};
		},
		show(details) {
			const now = JSON.stringify([details.note, details.expires, details.clientIds]);
			if (now === before) return;
			before = now;
			note.value = details.note;
			// A field for dates could not show the time of day that somebody has set by other means.
			expires.type = details.expires === null || details.expires.length === 10 ? "date" : "text";
			expires.value = details.expires ?? "";
			clientIds.value = (details.clientIds ?? []).join("\n");
		},
	};
}
