/** The users of the targets that have some, in Mosquitto's own files, which every target reads. */

import { pbkdf2Sync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export const user = { username: "ann", password: Buffer.from("ann-pw") } as const;

export interface UserFiles {
	readonly passwordFile: string;
	readonly aclFile: string;
}

/** `ann` may do all below `open/`, and nothing else. */
export function writeUserFiles(folder: string): UserFiles {
	const passwordFile = join(folder, "passwords");
	const aclFile = join(folder, "acl");
	// Few rounds: these passwords are no secrets.
	const salt = randomBytes(12);
	const hash = pbkdf2Sync(user.password, salt, 101, 64, "sha512");
	writeFileSync(passwordFile, `ann:$7$101$${salt.toString("base64")}$${hash.toString("base64")}\n`, { mode: 0o600 });
	writeFileSync(aclFile, "user ann\ntopic readwrite open/#\n", { mode: 0o600 });
	return { passwordFile, aclFile };
}
