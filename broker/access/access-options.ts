/** Which access control a broker has: the settings, and the one place that makes it. */

import { known, oneOf, record, text } from "../parse";
import type { AccessControl } from "./access";
import { AccessStore } from "./access-store";
import { anonymousAccess } from "./anonymous";
import type { FileProblem } from "./file-problem";
import type { Ban } from "./login-throttle";
import { type AccessDocument, denyDefaults } from "./model";
import { MosquittoAccess } from "./mosquitto-access";

/**
 * - `open`: no users; clients without user name may do everything, where anonymous clients are allowed.
 * - `users`: users, groups and rules of our own, kept in `file` (access.json).
 * - `mosquitto`: Mosquitto's own files, used as they are. Without a password file any user name and password will do where
 *   clients without user name may log in; without an ACL file every topic may be used.
 */
export type AccessOptions =
	| { readonly kind: "open" }
	| { readonly kind: "users"; readonly file: string }
	| { readonly kind: "mosquitto"; readonly passwordFile?: string; readonly aclFile?: string };

/** @throws FlowbrokerError OPTION_INVALID */
export function parseAccess(input: unknown): AccessOptions {
	const given = record(input ?? { kind: "open" }, "access");
	const kind = oneOf(given.kind, "access.kind", ["open", "users", "mosquitto"]);
	if (kind === "open") {
		known(given, ["kind"], "access.");
		return { kind };
	}
	if (kind === "users") {
		known(given, ["kind", "file"], "access.");
		return { kind, file: text(given.file, "access.file") };
	}
	known(given, ["kind", "passwordFile", "aclFile"], "access.");
	return {
		kind,
		...(given.passwordFile !== undefined && { passwordFile: text(given.passwordFile, "access.passwordFile") }),
		...(given.aclFile !== undefined && { aclFile: text(given.aclFile, "access.aclFile") }),
	};
}

/**
 * @param anonymous may clients without user name log in at any listener?
 * @param onBan told when somebody is banned for too many wrong passwords
 */
export function createAccess(
	options: AccessOptions,
	anonymous: boolean,
	onProblem: (problem: FileProblem) => void,
	onBan: (ban: Ban) => void,
): AccessControl {
	switch (options.kind) {
		case "open":
			return anonymousAccess(anonymous);
		case "users":
			return new AccessStore({ file: options.file, whenMissing: beforeFirstUser, onProblem, onBan });
		case "mosquitto": {
			const { passwordFile, aclFile } = options;
			return new MosquittoAccess({
				anonymous,
				onProblem,
				onBan,
				...(passwordFile !== undefined && { passwordFile }),
				...(aclFile !== undefined && { aclFile }),
			});
		}
	}
}

/**
 * What holds until somebody adds a user: clients without user name may use every topic. Whether they may log in at all
 * is said by the listeners: only while those are bound to this machine, unless somebody decides otherwise.
 */
const beforeFirstUser: AccessDocument = {
	version: 1,
	defaults: denyDefaults,
	anonymous: { enabled: true, rules: [{ effect: "allow", action: "all", filter: "#", priority: 0 }] },
	users: [],
	groups: [],
};
