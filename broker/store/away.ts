/** Who is away, for how long yet, and which wills they left. */

import type { StoreState } from "./state";
import { type Absentee, FOR_EVER, isOwnSession, type LeftWill } from "./store";

type Sessions = Pick<StoreState, "sessions">;

/** @param now milliseconds since 1970 */
export function absenteesOf({ sessions }: Sessions, now: number): Absentee[] {
	const found: Absentee[] = [];
	for (const [clientId, { expiresAt, patience = FOR_EVER }] of sessions) {
		if (expiresAt === undefined || isOwnSession(clientId)) continue;
		// Never longer than was asked for: the clock may have been put back.
		const seconds = expiresAt === null ? FOR_EVER : Math.min((expiresAt - now) / 1_000, patience);
		found.push({ clientId, seconds });
	}
	return found;
}

/** Wills of clients that are away, with the moment when each is due. */
export function leftWillsOf({ sessions, wills }: Sessions & Pick<StoreState, "wills">, now: number): LeftWill[] {
	return [...wills].map(([clientId, will]) => {
		const session = sessions.get(clientId);
		const end = session?.expiresAt ?? undefined;
		const leftAt = end === undefined ? now : end - (session?.patience ?? 0) * 1_000;
		const dueAt = Math.min(leftAt + will.delay * 1_000, end ?? Number.POSITIVE_INFINITY);
		return { clientId, will, dueAt };
	});
}
