/** `flowbroker access export`: writes users and rules as Mosquitto's files. */

import { resolve } from "node:path";
import { access, FlowbrokerError } from "../../../broker";
import type { Command, CommandCall } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { count, say, warn } from "../common/print";
import { withAccess } from "../common/with-access";
import { noWords, usage } from "../common/words";
import { type NewFile, writeFiles } from "./new-files";

export const exportAccess: Command = {
	name: "access export",
	summary: "write users and rules as Mosquitto's files",
	usage: `[--password-file FILE] [--acl-file FILE] ${locationUsage}`,
	help: `Writes Mosquitto's password file, its ACL file, or both. What these can't say is told; nothing is written then
unless --partial says so. Nobody gets more rights by it.

Passwords stay as they are stored: a hash can't be turned into another one. Passwords set with flowbroker, and
those of users who logged in once, are stored with argon2id, which Mosquitto knows since version 2.1. With
--mosquitto 2.0 such users are left out; they need a new password in Mosquitto.`,
	options: {
		"password-file": { value: "FILE", help: "the password_file to write" },
		"acl-file": { value: "FILE", help: "the acl_file to write" },
		mosquitto: { value: "VERSION", help: "2.1 (default), or 2.0 for all versions before 2.1" },
		partial: { help: "leave out what can't be said" },
		force: { help: "overwrite files that are there" },
		...locationOptions,
	},
	examples: [
		"flowbroker access export --password-file passwd --acl-file acl --data /home/pi/home",
		"flowbroker access export --password-file passwd --mosquitto 2.0 --partial --data /home/pi/home",
	],
	run: (call) =>
		withAccess(call, "refuse", async ({ store, file }) => {
			noWords(call, "access export");
			const paths = pathsOf(call, file);
			const { document, leftOut } = forVersion(store.exportDocument(), call);
			const result = access.exportMosquitto(document, Date.now());
			// This holds for everybody and in all cases, and lets nobody read more.
			const notes = result.problems.filter(({ where }) => where === "everybody");
			const problems = [...leftOut, ...result.problems.filter((problem) => !notes.includes(problem))];
			for (const { where, reason } of problems) warn(`${where}: ${reason}`);
			if (problems.length > 0 && !call.switches.has("partial")) throw incomplete(problems.length);
			await writeFiles(filesOf(paths, result), call.switches.has("force"));
			for (const { reason } of notes) say(`Note: ${reason}.`);
			tellWritten(paths, result);
		}),
};

interface Paths {
	readonly passwords: string | undefined;
	readonly acl: string | undefined;
}

/** @param source is never overwritten */
function pathsOf({ values }: CommandCall, source: string): Paths {
	const [passwords, acl] = [values["password-file"], values["acl-file"]].map((path) =>
		path ? resolve(path) : undefined,
	);
	if (!passwords && !acl) throw usage("Name a file: --password-file FILE, --acl-file FILE, or both.", "access export");
	if (passwords === acl) throw usage("--password-file and --acl-file need different files.", "access export");
	if (passwords === source || acl === source) {
		throw usage(`${source} is the file to export from: name another one.`, "access export");
	}
	return { passwords, acl };
}

function forVersion(
	document: access.AccessDocument,
	{ values: { mosquitto = "2.1" } }: CommandCall,
): { document: access.AccessDocument; leftOut: readonly access.ExportProblem[] } {
	if (mosquitto === "2.1") return { document, leftOut: [] };
	if (mosquitto !== "2.0") throw usage(`--mosquitto ${mosquitto} is not known: say 2.0 or 2.1.`, "access export");
	const isUnknown = ({ password }: access.User) => password?.startsWith("$argon2id$") ?? false;
	const reason = "the password is stored with argon2id, which Mosquitto before 2.1 does not know: left out";
	return {
		document: { ...document, users: document.users.filter((user) => !isUnknown(user)) },
		leftOut: document.users.filter(isUnknown).map(({ name }) => ({ where: `user "${name}"`, reason })),
	};
}

function filesOf({ passwords, acl }: Paths, result: access.ExportResult): NewFile[] {
	return [
		...(passwords === undefined ? [] : [{ path: passwords, content: result.passwords }]),
		...(acl === undefined ? [] : [{ path: acl, content: result.acl }]),
	];
}

function incomplete(problems: number): FlowbrokerError {
	const what = problems === 1 ? "this" : `these ${problems} things`;
	const sentence = `Nothing was written: Mosquitto's files can't say ${what}. Say --partial to go on without.`;
	return new FlowbrokerError("EXPORT_INCOMPLETE", sentence);
}

function tellWritten({ passwords, acl }: Paths, result: access.ExportResult): void {
	const users = result.passwords.split("\n").length - 1;
	if (passwords !== undefined) say(`Wrote ${count(users, "user")} to ${passwords}.`);
	if (acl !== undefined) say(`Wrote the rules to ${acl}.`);
	if (passwords !== undefined && result.passwords.includes(":$argon2id$")) {
		say(
			"Its passwords need Mosquitto 2.1: an older one does not let their users in (--mosquitto 2.0 leaves them out).",
		);
	}
	say("For mosquitto.conf:");
	say(`allow_anonymous ${result.anonymous}`);
	if (passwords !== undefined) say(`password_file ${passwords}`);
	if (acl !== undefined) say(`acl_file ${acl}`);
}
