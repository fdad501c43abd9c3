/** Finds the users of a broker, or says why there are none to change. */

import type { AccessStore } from "../access/access-store";
import type { Broker } from "../broker";
import { FlowbrokerError } from "../errors";

/** @throws FlowbrokerError USERS_ELSEWHERE when the broker keeps no users of its own */
export function usersOf({ users, options }: Broker): AccessStore {
	if (users) return users;
	throw new FlowbrokerError(
		"USERS_ELSEWHERE",
		options.access.kind === "mosquitto"
			? "The users and rules of this broker are in Mosquitto's files: change those, or import them."
			: "This broker keeps no users: everybody may do everything. Let it keep users and rules in its settings; a flow without the editor needs a folder for them: --data DIR.",
	);
}
