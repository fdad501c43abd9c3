/** One client in the list, with its details when it is unfolded. */

import type { ClientInfo, ClientSummary, GoneClient } from "../../../../../broker/http/contract";
import { h, setText } from "../../dom";
import { ago, bytes, duration, moment, mqttVersion, number } from "../../format";
import type { PageContext } from "../../page";
import type { Translate } from "../../text";
import { button } from "../../widgets/button";
import { details } from "../../widgets/details";
import { fold } from "../../widgets/fold";
import type { Row } from "../../widgets/list";
import { confirm } from "../../widgets/notice";
import { banForm } from "./bans";

export function connectedRow(first: ClientSummary, context: PageContext): Row<ClientSummary> {
	const { t, call } = context;
	const { id } = first;
	const head = headOf(id, t);
	const facts = details();
	const subscriptions = h("ul", {
		class: "flowbroker-plain flowbroker-mono",
		"aria-label": t("clients.subscriptions"),
	});
	let shownSubscriptions = -1;
	const row = fold(head.element, () =>
		h("div", {}, facts.element, subscriptions, context.mayChange && actions(first, context)),
	);
	let client = first;
	const show = () => {
		head.update(client.user, `${client.address} · ${duration(Date.now() - client.connectedAt, t)}`);
		facts.show(factsOf(client, t));
		if (!row.open || shownSubscriptions === client.subscriptions) return;
		shownSubscriptions = client.subscriptions;
		// It may have gone meanwhile: then its row goes as well.
		readSubscriptions().catch(() => {});
	};
	const readSubscriptions = async () => {
		const found = await call("GET /brokers/:broker/client", { id });
		subscriptions.replaceChildren(...found.subscriptions.map(subscription));
	};
	row.element.addEventListener("click", show);
	show();
	return {
		element: row.element,
		update: (changed) => {
			client = changed;
			show();
		},
	};
}

export function goneRow(first: GoneClient, { t }: PageContext): Row<GoneClient> {
	let client = first;
	const { id, user, address, disconnectedAt, reason } = client;
	const head = headOf(id, t);
	const facts = details();
	const update = (now: GoneClient) => {
		client = now;
		const waiting = now.queued === 0 ? "" : ` · ${t("clients.waiting", { n: number(now.queued) })}`;
		head.update(user, `${address} · ${ago(disconnectedAt, t)} · ${reason}${waiting}`);
	};
	update(first);
	const row = fold(head.element, () => {
		facts.show([
			[t("clients.reason"), reason],
			[t("clients.goneAt"), moment(disconnectedAt)],
			[t("clients.queued"), number(client.queued)],
			...commonFacts(client, t),
		]);
		return facts.element;
	});
	return { element: row.element, update };
}

/** Id, user and one more line. */
function headOf(id: string, t: Translate) {
	const who = h("span", { class: "flowbroker-quiet" });
	const more = h("div", { class: "flowbroker-quiet" });
	const element = h(
		"span",
		{ class: "flowbroker-head-lines" },
		h("span", { class: "flowbroker-mono" }, id || t("clients.noId")),
		" ",
		who,
		more,
	);
	return {
		element,
		update: (user: string | null, line: string) => {
			setText(who, user ?? t("clients.nobody"));
			setText(more, line);
		},
	};
}

function factsOf(client: ClientSummary, t: Translate): [string, string][] {
	return [
		...commonFacts(client, t),
		[
			t("clients.keepalive"),
			client.keepalive === 0 ? t("clients.noKeepalive") : t("unit.seconds", { n: client.keepalive }),
		],
		[t("clients.session"), t(client.clean ? "clients.clean" : "clients.kept")],
		[t("clients.subscriptions"), number(client.subscriptions)],
		[t("clients.queued"), number(client.queued)],
	];
}

function commonFacts(client: ClientSummary | GoneClient, t: Translate): [string, string][] {
	const { user, address, listener, protocolVersion, connectedAt, traffic } = client;
	return [
		[t("clients.user"), user ?? t("clients.nobody")],
		[t("clients.address"), address],
		[t("clients.listener"), listener],
		[t("clients.version"), mqttVersion(protocolVersion)],
		[t("clients.since"), moment(connectedAt)],
		[t("clients.in"), `${number(traffic.messagesIn)} · ${bytes(traffic.bytesIn)}`],
		[t("clients.out"), `${number(traffic.messagesOut)} · ${bytes(traffic.bytesOut)}`],
	];
}

function subscription({ filter, qos }: ClientInfo["subscriptions"][number]): HTMLElement {
	return h("li", {}, filter, h("span", { class: "flowbroker-quiet" }, ` QoS ${qos}`));
}

function actions(client: ClientSummary, context: PageContext): HTMLElement {
	const { t, call, refresh } = context;
	const { id } = client;
	const ban = fold(h("span", {}, t("clients.banTitle")), () => banForm(client, context), "add");
	const kick = button({
		label: t("clients.kick"),
		icon: "sign-out",
		click: async () => {
			if (!(await confirm(t, t("clients.kickQuestion", { id }), t("clients.kick")))) return;
			await call("DELETE /brokers/:broker/client", { id });
			refresh();
		},
	});
	return h("div", {}, h("div", { class: "flowbroker-buttons" }, kick), ban.element);
}
