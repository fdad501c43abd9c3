/** The command that says whether a client might do something, and which rule decides. */

import type { Verdict } from "../access/decide";
import type { Broker } from "../broker";
import { type Arguments, known, oneOf, optionalText, text, userName } from "./arguments";
import { usersOf } from "./users-of";

/**
 * @param args `user` (absent: a client without user name), `clientId`, `action`: `publish`, `receive` or `subscribe`,
 * `topic`: for subscribe a topic filter
 * @throws FlowbrokerError USER_UNKNOWN, TOPIC_INVALID, FILTER_INVALID
 */
export function testAccess(broker: Broker, args: Arguments): Verdict {
	known(args, ["user", "clientId", "action", "topic"]);
	const action = oneOf(args, "action", ["publish", "receive", "subscribe"]);
	return usersOf(broker).explain(userName(args), optionalText(args, "clientId", ""), action, text(args, "topic"));
}
