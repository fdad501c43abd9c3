/** `flowbroker access import`: takes users and rules over from Mosquitto's files. */

import { access, FlowbrokerError } from "../../../broker";
import type { Command, CommandCall } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { say, warn } from "../common/print";
import { withAccess } from "../common/with-access";
import { noWords, usage } from "../common/words";
import { type Merged, mergeImport } from "./merge-import";
import { readTextFile } from "./text-file";

export const importAccess: Command = {
	name: "access import",
	summary: "take users and rules over from Mosquitto's files",
	usage: `[--password-file FILE] [--acl-file FILE] ${locationUsage}`,
	help: `Takes over the users of Mosquitto's password file, with their passwords, and the rules of its ACL file. One
file alone will do. Each line that can't be taken over is told with its number, and nothing is written then unless
--partial says so. Users that are there already are kept as they are unless --replace is said; then the
password file sets passwords, and the ACL file sets rules.`,
	options: {
		"password-file": { value: "FILE", help: "Mosquitto's password_file" },
		"acl-file": { value: "FILE", help: "Mosquitto's acl_file" },
		anonymous: { help: "let clients without user name in, as allow_anonymous true does" },
		partial: { help: "leave out what can't be taken over" },
		replace: { help: "let the files go before what is there" },
		"dry-run": { help: "say what would be done, and change nothing" },
		...locationOptions,
	},
	examples: [
		"flowbroker access import --password-file /etc/mosquitto/passwd --acl-file /etc/mosquitto/acl --data /home/pi/home --broker 1a2b3c",
		"flowbroker access import --password-file passwd --dry-run --data /home/pi/home",
	],
	run: async (call) => {
		noWords(call, "access import");
		const texts = await readFiles(call);
		const result = access.importMosquitto({ ...texts, anonymous: call.switches.has("anonymous") });
		await withAccess(call, call.switches.has("dry-run") ? "imagine" : "make", async ({ store, file }) => {
			const problems = result.problems.filter((problem) => !isAnswered(problem, store));
			tell(problems, call);
			const merge = (now: access.AccessDocument) => merged(now, result.document, texts, call);
			const preview = merge(store.exportDocument());
			const errors = problems.filter(({ severity }) => severity === "error").length;
			if (errors > 0 && !call.switches.has("partial")) throw incomplete(errors);
			if (call.switches.has("dry-run")) return tellChanges(preview, `Nothing was written to ${file}: dry run.`);
			let done = preview;
			await store.update((now) => {
				done = merge(now);
				return done.document;
			});
			tellChanges(done, `Imported into ${file}.`);
		});
	},
};

type Texts = Pick<access.MosquittoFiles, "passwords" | "acl">;

async function readFiles({ values }: CommandCall): Promise<Texts> {
	const { "password-file": passwords, "acl-file": acl } = values;
	if (!passwords && !acl) throw usage("Name a file: --password-file FILE, --acl-file FILE, or both.", "access import");
	return {
		...(passwords && { passwords: await readTextFile(passwords) }),
		...(acl && { acl: await readTextFile(acl) }),
	};
}

/** The ACL file alone says of each user that there is no password: here there may be one. */
function isAnswered({ severity, text }: access.ImportProblem, store: access.AccessStore): boolean {
	return (
		severity === "warning" && store.users().some(({ name, hasPassword }) => hasPassword && text === `user ${name}`)
	);
}

function tell(problems: readonly access.ImportProblem[], { values }: CommandCall): void {
	for (const { file, line, text, reason, severity } of problems) {
		const path = values[file === "acl" ? "acl-file" : "password-file"] ?? "(no password file)";
		const place = line === 0 ? path : `${path}:${line}`;
		warn(`${place}: ${severity}: ${reason}${text === "" ? "" : ` (${text})`}`);
	}
}

/** @throws FlowbrokerError IMPORT_REPLACES */
function merged(
	now: access.AccessDocument,
	imported: access.AccessDocument,
	texts: Texts,
	{ switches }: CommandCall,
): Merged {
	const has = { passwords: texts.passwords !== undefined, acl: texts.acl !== undefined };
	const result = mergeImport(now, imported, { ...has, replace: switches.has("replace") });
	if (result.conflicts.length === 0) return result;
	const sentence = `Nothing was imported, because it would change what holds for others: ${result.conflicts.join("; ")}. If the files are right, say --replace.`;
	throw new FlowbrokerError("IMPORT_REPLACES", sentence);
}

function incomplete(errors: number): FlowbrokerError {
	const what = errors === 1 ? "the line marked with error" : `the ${errors} lines marked with error`;
	const sentence = `Nothing was imported: correct ${what}, or say --partial to go on without.`;
	return new FlowbrokerError("IMPORT_INCOMPLETE", sentence);
}

function tellChanges({ changes }: Merged, end: string): void {
	for (const change of changes) say(change);
	if (changes.length === 0) say("All of it is there already.");
	say(end);
}
