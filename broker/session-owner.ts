/** Whose is a session? A client id is no secret: it must not open somebody else's session. */

/** `resume`: go on with it. `fresh`: forget it and start anew. `refuse`: it belongs to somebody else. */
export type Claim = "resume" | "fresh" | "refuse";

/**
 * @param owner user of the session that exists, `null` for an anonymous one
 * @param user who logs in, `null` for an anonymous client
 * @param exists may the user still log in?
 */
export function claimSession(owner: string | null, user: string | null, exists: (user: string) => boolean): Claim {
	if (owner === user) return "resume";
	// Nobody vouches for an anonymous session, and nobody comes back for that of a user who is gone.
	return owner === null || !exists(owner) ? "fresh" : "refuse";
}
