/** Finds the user whom a command names. */

import { type access, FlowbrokerError } from "../../../broker";

/** @throws FlowbrokerError USER_UNKNOWN */
export function requireUser(store: access.AccessStore, name: string): access.UserView {
	const user = store.user(name);
	if (!user) throw new FlowbrokerError("USER_UNKNOWN", `There is no user "${name}".`);
	return user;
}
