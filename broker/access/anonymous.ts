/** The simplest access control: everybody may do everything but write below `$`, or nobody may log in. */

import type { AccessControl, Decision, SessionAccess } from "./access";

const yes: Decision = Object.freeze({ allow: true, reason: "anonymous clients may use every topic" });
const system: Decision = Object.freeze({ allow: false, reason: "topics below $ belong to the broker" });

const everything: SessionAccess = Object.freeze({
	user: null,
	mayPublish: (topic: string) => (topic.startsWith("$") ? system : yes),
	maySubscribe: () => yes,
	mayReceive: () => yes,
});

const own: Decision = Object.freeze({ allow: true, reason: "the flow may do everything" });

/** The rights of the flow itself, where nothing else is said. */
export const flowAccess: SessionAccess = Object.freeze({
	user: null,
	mayPublish: () => own,
	maySubscribe: () => own,
	mayReceive: () => own,
});

/** @param allowed may clients log in at all? */
export function anonymousAccess(allowed: boolean): AccessControl {
	return {
		start: async () => {},
		stop: async () => {},
		isUser: () => false,
		login: async () =>
			allowed
				? { ok: true, access: everything }
				: { ok: false, refusal: "not-allowed", reason: "anonymous clients are not allowed" },
		onChange: () => () => {},
	};
}
