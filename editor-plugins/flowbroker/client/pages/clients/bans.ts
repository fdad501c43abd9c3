/** Keeps a client, a user or an address out for a while. */

import type { BanView, ClientSummary } from "../../../../../broker/http/contract";
import { h, setText } from "../../dom";
import { duration } from "../../format";
import type { PageContext } from "../../page";
import type { Translate } from "../../text";
import { button } from "../../widgets/button";
import { field, form, input, select } from "../../widgets/form";
import type { Row } from "../../widgets/list";

export function banForm({ id, user, address }: ClientSummary, { t, call, refresh }: PageContext): HTMLElement {
	const target = select([
		["clientId", t("ban.client", { id })],
		...(user === null ? [] : [["user", t("ban.user", { user })] as const]),
		["address", t("ban.address", { address })],
	]);
	const time = select([
		["600", t("ban.tenMinutes")],
		["3600", t("ban.hour")],
		["86400", t("ban.day")],
		["604800", t("ban.week")],
	]);
	const reason = input({ placeholder: t("ban.reasonHint") });
	const fields = [field(t("ban.what"), target), field(t("ban.time"), time), field(t("ban.reason"), reason)];
	return form(fields, {
		label: t("ban.do"),
		icon: "ban",
		click: async () => {
			const values = { clientId: id, user, address };
			const name = target.value as keyof typeof values;
			await call("POST /brokers/:broker/bans", {
				[name]: values[name],
				seconds: Number(time.value),
				reason: reason.value.trim(),
			});
			refresh();
		},
	});
}

export function banRow(ban: BanView, { t, call, refresh, mayChange }: PageContext): Row<BanView> {
	const { clientId, user, address, until, reason, by } = ban;
	const lift = button({
		label: t("ban.lift"),
		click: async () => {
			await call("DELETE /brokers/:broker/bans", { clientId, user, address });
			refresh();
		},
	});
	const why = by === "administrator" ? reason : t("ban.passwords");
	const line = h("div", { class: "flowbroker-quiet" });
	const update = () => setText(line, `${t("ban.ends", { time: duration(until - Date.now(), t) })} · ${why}`);
	update();
	const words = h("div", {}, h("div", {}, whomOf(ban, t)), line);
	return { element: h("div", { class: "flowbroker-line" }, words, mayChange && lift), update };
}

function whomOf({ clientId, user, address }: BanView, t: Translate): string {
	const parts = [
		clientId !== null && t("ban.client", { id: clientId }),
		user !== null && t("ban.user", { user }),
		address !== null && t("ban.address", { address }),
	];
	return parts.filter((part) => part !== false).join(", ");
}
