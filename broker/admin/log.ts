/** The command that tells what happened lately. */

import type { Broker } from "../broker";
import type { LogChanges } from "../event-log";
import { type Arguments, known, optionalText, whole } from "./arguments";

/** @param args `since`: the cursor of the answer before; `limit`: 1 to 1000, default 1000 */
export function listLog(broker: Broker, args: Arguments): LogChanges {
	known(args, ["since", "limit"]);
	return broker.log.changes(optionalText(args, "since", ""), whole(args, "limit", 1, 1_000, 1_000));
}
