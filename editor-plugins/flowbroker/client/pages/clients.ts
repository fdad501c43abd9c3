/** Who is connected, who was lately, and who is kept out. */

import type { BanView, ClientSummary, GoneClient } from "../../../../broker/http/contract";
import { h, setText, show } from "../dom";
import { number } from "../format";
import type { Page, PageContext } from "../page";
import { input, onTyping } from "../widgets/form";
import { list } from "../widgets/list";
import { section } from "../widgets/section";
import { banRow } from "./clients/bans";
import { connectedRow, goneRow } from "./clients/rows";

/** Clients in the list: who looks for another one types a part of its name. */
const SHOWN = 100;

export function clientsPage(context: PageContext): Page {
	const { t, call, refresh } = context;
	const filter = input({ placeholder: t("clients.filter"), "aria-label": t("clients.filter"), type: "search" });
	onTyping(filter, refresh);
	const connected = list<ClientSummary>({
		label: t("clients.connected"),
		empty: t("clients.none"),
		// One that came back is another row: what was unfolded was about the connection before.
		keyOf: ({ id, connectedAt }) => `${connectedAt} ${id}`,
		row: (client) => connectedRow(client, context),
	});
	const gone = list<GoneClient>({
		label: t("clients.gone"),
		empty: t("clients.noneGone"),
		keyOf: ({ id, disconnectedAt }) => `${disconnectedAt} ${id}`,
		row: (client) => goneRow(client, context),
	});
	const bans = list<BanView>({
		label: t("clients.bans"),
		empty: t("clients.noBans"),
		keyOf: ({ clientId, user, address, by, until }) => JSON.stringify([clientId, user, address, by, until]),
		row: (ban) => banRow(ban, context),
	});
	const count = h("p", { class: "flowbroker-quiet", role: "status" });
	const banned = section(t("clients.bans"), bans.element);
	return {
		pause: 2_000,
		element: h(
			"div",
			{},
			h("div", { class: "flowbroker-bar" }, filter),
			section(t("clients.connected"), count, connected.element),
			section(t("clients.gone"), gone.element),
			banned,
		),
		async refresh() {
			const [now, before, kept] = await Promise.all([
				call("GET /brokers/:broker/clients", { filter: filter.value.trim(), limit: SHOWN }),
				call("GET /brokers/:broker/history", { limit: SHOWN }),
				call("GET /brokers/:broker/bans", {}),
			]);
			setText(count, t("clients.count", { shown: number(now.items.length), total: number(now.total) }));
			show(count, now.total > 0);
			connected.show(now.items);
			gone.show(before.items.filter((client) => fits(client, filter.value.trim())));
			bans.show(kept);
			show(banned, kept.length > 0);
		},
	};
}

function fits({ id, user, address }: GoneClient, part: string): boolean {
	return [id, user ?? "", address].some((text) => text.toLowerCase().includes(part.toLowerCase()));
}
