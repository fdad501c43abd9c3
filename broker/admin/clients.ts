/** Commands about clients: who is connected, who was, and out with one. */

import type { Broker } from "../broker";
import type { ClientRecord } from "../client-history";
import { FlowbrokerError } from "../errors";
import type { ClientInfo } from "../events";
import { type Arguments, known, optionalText, text } from "./arguments";
import { mapPage, type Page, pageArguments, pageOf } from "./page";

/** A client in a list: of its subscriptions only the number. */
export type ClientSummary = Omit<ClientInfo, "subscriptions"> & Waiting & { readonly subscriptions: number };

/** A client that has gone. */
export type GoneClient = ClientRecord & Waiting;

interface Waiting {
	/** Messages that wait for it. */
	readonly queued: number;
}

/** @param args `filter`: part of a client id, user name or address; and those of a page */
export function listClients(broker: Broker, args: Arguments): Page<ClientSummary> {
	known(args, ["filter", ...pageArguments]);
	const part = optionalText(args, "filter", "").toLowerCase();
	const found = broker
		.clients()
		.filter(({ id, user, address }) => [id, user ?? "", address].some((each) => each.toLowerCase().includes(part)))
		.sort((a, b) => (a.id < b.id ? -1 : 1));
	return mapPage(pageOf(found, args), (client) => ({
		...client,
		subscriptions: client.subscriptions.length,
		queued: broker.queued(client.id),
	}));
}

/** @throws FlowbrokerError CLIENT_UNKNOWN */
export function getClient(broker: Broker, args: Arguments): ClientInfo {
	const id = text(known(args, ["id"]), "id");
	const found = broker.clients().find((client) => client.id === id);
	if (!found) throw unknown(id);
	return found;
}

/** Clients that have gone, the last one first. */
export function listHistory(broker: Broker, args: Arguments): Page<GoneClient> {
	known(args, pageArguments);
	return mapPage(pageOf(broker.history(), args), (client) => ({ ...client, queued: broker.queued(client.id) }));
}

/** @param args `id`, and `reason` for the log. @throws FlowbrokerError CLIENT_UNKNOWN */
export function kickClient(broker: Broker, args: Arguments): { readonly kicked: string } {
	known(args, ["id", "reason"]);
	const id = text(args, "id");
	if (!broker.disconnect(id, reasonOf(args))) throw unknown(id);
	return { kicked: id };
}

/** Why an administrator does something, for the log. */
export function reasonOf(args: Arguments): string {
	return optionalText(args, "reason", "").slice(0, 500) || "disconnected by an administrator";
}

function unknown(id: string): FlowbrokerError {
	return new FlowbrokerError("CLIENT_UNKNOWN", `No client with the id "${id.slice(0, 100)}" is connected.`);
}
