/** The users of the targets that have some. */

import { pbkdf2Sync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AccessStore } from "../../broker/access";

export const user = { username: "ann", password: Buffer.from("ann-pw") } as const;

/** Where `ann` may do everything; she may do nothing elsewhere. */
export const OWN = "open/#";

/** Mosquitto's own files. @returns lines for its configuration */
export function mosquittoUsers(folder: string): string[] {
	const passwords = join(folder, "passwords");
	const acl = join(folder, "acl");
	// Few rounds: these passwords are no secrets.
	const salt = randomBytes(12);
	const hash = pbkdf2Sync(user.password, salt, 101, 64, "sha512");
	const line = `${user.username}:$7$101$${salt.toString("base64")}$${hash.toString("base64")}\n`;
	writeFileSync(passwords, line, { mode: 0o600 });
	writeFileSync(acl, `user ${user.username}\ntopic readwrite ${OWN}\n`, { mode: 0o600 });
	return [`password_file ${passwords}`, `acl_file ${acl}`];
}

/** A file of our own. */
export async function ownUsers(folder: string): Promise<string> {
	const file = join(folder, "access.json");
	const store = new AccessStore({ file });
	await store.start();
	const rules = [{ effect: "allow", action: "all", filter: OWN, priority: 0 }] as const;
	await store.addUser(user.username, user.password.toString(), { rules }, "scram");
	await store.stop();
	return file;
}
