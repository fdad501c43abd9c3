/** The password and ACL files that both brokers are given. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram, run } from "../../helpers/peer-program";

/** User names and passwords; odd ones on purpose. */
export const users: Readonly<Record<string, string>> = {
	admin: "admin pw",
	alice: "correct horse",
	"bob smith": "with blank ",
	mallory: "m",
	listless: "not in the ACL file",
	zoë: "pässwörd-ü€",
	"a/b": "slash",
	"+": "plus",
	"h#h": "hash",
	old: "sha512",
	empty: "",
};

const acl = `# clients without user name
topic read public/#
topic write anon/in
topic deny public/hidden

user admin
topic readwrite #
topic readwrite $SYS/#
topic readwrite $CONTROL/#
topic readwrite $other/#

user alice
topic home/#
topic read news/#
topic write inbox/alice
topic deny home/safe/#
topic read $SYS/#
topic readwrite Case/Sensitive
topic /lead/#
topic trail/
topic a//b
topic plus/+/end
topic read
topic read twice/x
topic write twice/x
   topic write   with blanks/x y
topic readwrite own/alice/denied/allowed
topic deny own/alice/taken/#

user bob smith
topic bob/#

user mallory
topic readwrite #
topic deny home/#

user a/b
topic slash/#

user +
topic readwrite plus only

user alice
topic second/#

pattern readwrite own/%u/#
pattern write cid/%c/out
pattern read cid/%c/in
pattern read everybody/#
pattern deny own/%u/denied/#
pattern both/%u/%c
pattern write part-%u-x/y
pattern deny everybody/secret
`;

export interface Files {
	readonly passwordFile: string;
	readonly aclFile: string;
}

/** Made by Mosquitto's own tool. */
export async function makeFiles(folder: string): Promise<Files> {
	const passwordFile = join(folder, "passwords");
	const aclFile = join(folder, "acl");
	writeFileSync(passwordFile, "");
	for (const [user, password] of Object.entries(users)) {
		await setPassword(passwordFile, user, password, user === "old" ? ["-H", "sha512"] : []);
	}
	writeFileSync(aclFile, acl);
	return { passwordFile, aclFile };
}

/** As a person does on the command line. */
export async function setPassword(
	file: string,
	user: string,
	password: string,
	options: readonly string[] = [],
): Promise<void> {
	const { code, stderr } = await run(findProgram("mosquitto_passwd"), [...options, "-b", file, user, password]);
	if (code !== 0) throw new Error(`mosquitto_passwd: ${stderr}`);
}
