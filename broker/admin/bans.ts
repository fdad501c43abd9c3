/** Commands about bans: those that an administrator sets, and those for too many wrong passwords. */

import type { BanTarget } from "../access/ban-list";
import { type BanView, viewOfBan, viewOfLoginBan } from "../access/ban-view";
import type { Broker } from "../broker";
import { FlowbrokerError } from "../errors";
import { type Arguments, invalidArgument, known, optionalText, text, whole } from "./arguments";
import { reasonOf } from "./clients";

export type { BanView };

const LONGEST = 366 * 24 * 3_600;
const TARGETS = ["clientId", "user", "address"] as const;

/** Those of an administrator first. */
export function listBans(broker: Broker, args: Arguments = {}): readonly BanView[] {
	known(args, []);
	return [...broker.bans.list().map(viewOfBan), ...(broker.access.bans?.() ?? []).map(viewOfLoginBan)];
}

/**
 * Keeps out a client id, a user or an address, and disconnects those it is about.
 * @param args one of `clientId`, `user`, `address`; `seconds`; `reason`
 */
export function banClient(broker: Broker, args: Arguments): { readonly ban: BanView; readonly disconnected: number } {
	known(args, [...TARGETS, "seconds", "reason"]);
	const until = Date.now() + whole(args, "seconds", 1, LONGEST) * 1_000;
	const reason = optionalText(args, "reason", "").slice(0, 500) || "no reason given";
	const ban = broker.bans.add(targetOf(args), until, reason);
	const banned = broker.clients().filter(({ id, user, address }) => broker.bans.find({ clientId: id, user, address }));
	const gone = banned.filter(({ id }) => broker.disconnect(id, reasonOf({ reason: `banned: ${reason}` })));
	return { ban: viewOfBan(ban), disconnected: gone.length };
}

/** @param args what `listBans` says of the ban: `clientId`, `user`, `address`. @throws FlowbrokerError BAN_UNKNOWN */
export function liftBan(broker: Broker, args: Arguments): { readonly lifted: true } {
	const given = known(args, TARGETS);
	const { address, user } = given;
	const both = isGiven(address) && isGiven(user);
	const lifted =
		(!both && broker.bans.lift(targetOf(given))) ||
		(isGiven(address) && broker.access.liftBan?.(text(given, "address"), isGiven(user) ? text(given, "user") : null));
	if (!lifted) throw new FlowbrokerError("BAN_UNKNOWN", "There is no such ban: it may have ended by itself.");
	return { lifted: true };
}

function targetOf(args: Arguments): BanTarget {
	const [name, another] = TARGETS.filter((each) => isGiven(args[each]));
	if (!name || another) throw invalidArgument("ban", `needs exactly one of ${TARGETS.join(", ")}`);
	return { [name]: text(args, name) } as BanTarget;
}

function isGiven(value: unknown): boolean {
	return value !== undefined && value !== null;
}
