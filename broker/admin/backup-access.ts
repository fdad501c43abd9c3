/** Commands that give out users, groups and rules as a backup, and put them back. */

import { inside, list, type Place, record, text as textAt } from "../access/check-value";
import { checkDocument } from "../access/document";
import type { AccessDocument } from "../access/model";
import type { Broker } from "../broker";
import { FlowbrokerError } from "../errors";
import { type Arguments, known, optionalText } from "./arguments";
import { type DocumentChanges, documentChanges } from "./document-changes";
import { type DocumentView, documentView } from "./document-view";
import { type Sealed, seal, unseal } from "./sealed";
import { usersOf } from "./users-of";

export interface AccessBackup {
	readonly format: "flowbroker-access";
	readonly version: 1;
	readonly document: DocumentView;
	/** The password hashes by user name, as JSON; `null` where nobody gave a passphrase for them. */
	readonly passwords: Sealed | null;
}

export interface RestorePreview {
	readonly changes: DocumentChanges;
	/** Users who could not log in until they get a new password. */
	readonly withoutPassword: readonly string[];
}

const place: Place = { path: "", code: "BACKUP_INVALID" };

/** @param args `passphrase`: with it the password hashes are in the backup, and nobody can read them without it */
export async function backUpAccess(broker: Broker, args: Arguments): Promise<AccessBackup> {
	known(args, ["passphrase"]);
	const passphrase = optionalText(args, "passphrase", "");
	const document = usersOf(broker).exportDocument();
	const hashes = document.users.flatMap(({ name, password }) => (password === null ? [] : [[name, password]]));
	return {
		format: "flowbroker-access",
		version: 1,
		document: documentView(document),
		passwords: passphrase === "" ? null : await seal(JSON.stringify(hashes), passphrase),
	};
}

/** Changes nothing. @param args `backup`: what {@link backUpAccess} gave; `passphrase` */
export async function previewRestore(broker: Broker, args: Arguments): Promise<RestorePreview> {
	known(args, ["backup", "passphrase"]);
	const before = usersOf(broker).exportDocument();
	const after = await documentOf(args, before);
	return {
		changes: documentChanges(before, after),
		withoutPassword: after.users.filter(({ password }) => password === null).map(({ name }) => name),
	};
}

/**
 * Puts the backup in the place of all users, groups and rules. Where it brings no passwords, users of the same name
 * keep theirs.
 * @throws FlowbrokerError BACKUP_INVALID, BACKUP_PASSPHRASE
 */
export async function restoreAccess(broker: Broker, args: Arguments): Promise<RestorePreview> {
	const preview = await previewRestore(broker, args);
	const users = usersOf(broker);
	await users.replaceDocument(await documentOf(args, users.exportDocument()));
	return preview;
}

async function documentOf(args: Arguments, now: AccessDocument): Promise<AccessDocument> {
	const backup = record(args.backup, inside(place, "backup"), ["format", "version", "document", "passwords"]);
	if (backup.format !== "flowbroker-access" || backup.version !== 1) {
		const sentence = "This is no backup of users and rules, or one of a newer version of flowbroker.";
		throw new FlowbrokerError("BACKUP_INVALID", sentence);
	}
	const passphrase = optionalText(args, "passphrase", "");
	const sealed = backup.passwords === null ? undefined : sealedOf(backup.passwords);
	const hashes =
		sealed && passphrase !== ""
			? hashesOf(await unseal(sealed, passphrase))
			: new Map(now.users.map(({ name, password }) => [name, password]));
	const document = record(backup.document, inside(place, "document"), [
		"version",
		"defaults",
		"anonymous",
		"users",
		"groups",
	]);
	const users = list(document.users, inside(place, "users"), (value, at) => {
		if (typeof value !== "object" || value === null)
			throw new FlowbrokerError("BACKUP_INVALID", `${at.path} is no user.`);
		const { hasPassword: _told, ...user } = value as Record<string, unknown>;
		// A password that stands there openly would be a hash that somebody else has seen: none is taken.
		return { ...user, password: hashes.get(textAt(user.name, inside(at, "name"))) ?? null };
	});
	return checkDocument({ ...document, users }, "BACKUP_INVALID");
}

function sealedOf(value: unknown): Sealed {
	const at = inside(place, "passwords");
	const given = record(value, at, ["salt", "iv", "tag", "data"]);
	const part = (name: keyof Sealed) => textAt(given[name], inside(at, name));
	return { salt: part("salt"), iv: part("iv"), tag: part("tag"), data: part("data") };
}

function hashesOf(json: string): Map<string, string> {
	return new Map(JSON.parse(json) as [string, string][]);
}
