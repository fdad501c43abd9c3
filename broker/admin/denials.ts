/** The command that lists what clients were not allowed to do, each with a rule that would allow it. */

import { RuleBook } from "../access/rule-book";
import type { Broker } from "../broker";
import type { Denial } from "../denial-log";
import { type Arguments, known } from "./arguments";
import { mapPage, type Page, pageArguments, pageOf } from "./page";
import { adviseOn, type DenialAdvice } from "./proposal";

export type DenialView = Denial & DenialAdvice;

/** Newest first. A broker that keeps no users has no rules to propose. */
export function listDenials(broker: Broker, args: Arguments): Page<DenialView> {
	known(args, pageArguments);
	const page = pageOf(broker.denials(), args);
	const book = broker.users && new RuleBook(broker.users.exportDocument());
	const now = Date.now();
	return mapPage(page, (denial) => ({
		...denial,
		...(book ? adviseOn(denial, book, now) : { allowedNow: false, proposal: null }),
	}));
}
