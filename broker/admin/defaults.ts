/** Commands about what holds where no rule matches, and about clients without user name. */

import type { Anonymous, Defaults } from "../access/model";
import type { Broker } from "../broker";
import { type Arguments, known } from "./arguments";
import { usersOf } from "./users-of";

export function getDefaults(broker: Broker, args: Arguments = {}): Defaults {
	known(args, []);
	return usersOf(broker).defaults;
}

/** @param args `publish`, `receive`, `subscribe`: each `allow` or `deny`; what is absent stays */
export async function setDefaults(broker: Broker, args: Arguments): Promise<Defaults> {
	const users = usersOf(broker);
	await users.setDefaults(args as Partial<Defaults>);
	return users.defaults;
}

export function getAnonymous(broker: Broker, args: Arguments = {}): Anonymous {
	known(args, []);
	return usersOf(broker).anonymous;
}

/** @param args `enabled`, `rules`; what is absent stays */
export async function setAnonymous(broker: Broker, args: Arguments): Promise<Anonymous> {
	const users = usersOf(broker);
	await users.setAnonymous(args as Partial<Anonymous>);
	return users.anonymous;
}
