/** Access control that believes everybody's user name: tests of listeners are about what comes before and after it. */

import type { AccessControl, Decision } from "../../../broker";

const yes: Decision = { allow: true, reason: "everything is allowed in this test" };

/** @param groups of each user */
export function namedAccess(groups: Readonly<Record<string, readonly string[]>> = {}): AccessControl {
	return {
		start: async () => {},
		stop: async () => {},
		isUser: () => true,
		login: async ({ certificateUser, username }) => {
			const user = certificateUser ?? username ?? null;
			return {
				ok: true,
				access: {
					user,
					...(user !== null && groups[user] && { groups: groups[user] }),
					mayPublish: () => yes,
					maySubscribe: () => yes,
					mayReceive: () => yes,
				},
			};
		},
		onChange: () => () => {},
	};
}
