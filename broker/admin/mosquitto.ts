/** Commands that take over Mosquitto's password file and ACL file. */

import { type ImportProblem, type ImportResult, importMosquitto } from "../access/import-mosquitto";
import type { Broker } from "../broker";
import { FlowbrokerError } from "../errors";
import { type Arguments, invalidArgument, known, optionalText, trueOrFalse } from "./arguments";
import { type DocumentChanges, documentChanges } from "./document-changes";
import { type DocumentView, documentView } from "./document-view";
import { usersOf } from "./users-of";

export interface ImportPreview {
	/** What would stand in the place of all users, groups and rules of now. */
	readonly document: DocumentView;
	readonly problems: readonly ImportProblem[];
	/** False when something would not mean the same as in Mosquitto. */
	readonly complete: boolean;
	readonly changes: DocumentChanges;
	/** What there is now and would not be there any more. */
	readonly lost: { readonly users: readonly string[]; readonly groups: readonly string[] };
}

const FILES = ["passwords", "acl", "anonymous"] as const;

/**
 * Changes nothing.
 * @param args `passwords`, `acl`: the text of each file, where there is one; `anonymous`: as `allow_anonymous`
 */
export function previewMosquitto(broker: Broker, args: Arguments): ImportPreview {
	known(args, FILES);
	return previewOf(broker, resultOf(args));
}

/**
 * Puts what the files say in the place of all users, groups and rules.
 * @param args as for the preview; `partial: true` when lines with problems may be left out; `replace: true` when what
 * there is now may be lost
 * @throws FlowbrokerError IMPORT_INCOMPLETE, IMPORT_REPLACES
 */
export async function importMosquittoFiles(broker: Broker, args: Arguments): Promise<ImportPreview> {
	known(args, [...FILES, "partial", "replace"]);
	const users = usersOf(broker);
	const result = resultOf(args);
	const preview = previewOf(broker, result);
	if (!preview.complete && !trueOrFalse(args, "partial", false)) throw incomplete(preview.problems);
	const { lost } = preview;
	if (lost.users.length + lost.groups.length > 0 && !trueOrFalse(args, "replace", false)) {
		throw new FlowbrokerError(
			"IMPORT_REPLACES",
			`Nothing was imported: ${lost.users.length} users and ${lost.groups.length} groups that are not in the files would be lost. Say replace: true if they may be.`,
		);
	}
	await users.replaceDocument(result.document);
	return preview;
}

/** An error while reading must not quote a password file: only kinds are named. */
function resultOf(args: Arguments): ImportResult {
	for (const name of ["passwords", "acl"]) {
		if (args[name] !== undefined && typeof args[name] !== "string") throw invalidArgument(name, "must be a text");
	}
	if (args.passwords === undefined && args.acl === undefined) {
		throw invalidArgument("import", "needs the text of a file: passwords, acl or both");
	}
	return importMosquitto({
		...(args.passwords !== undefined && { passwords: optionalText(args, "passwords", "") }),
		...(args.acl !== undefined && { acl: optionalText(args, "acl", "") }),
		anonymous: trueOrFalse(args, "anonymous", false),
	});
}

function previewOf(broker: Broker, { document, problems }: ImportResult): ImportPreview {
	const now = usersOf(broker);
	return {
		document: documentView(document),
		problems,
		complete: problems.every(({ severity }) => severity !== "error"),
		changes: documentChanges(now.exportDocument(), document),
		lost: { users: missing(now.users(), document.users), groups: missing(now.groups(), document.groups) },
	};
}

type Named = ReadonlyArray<{ readonly name: string }>;

function missing(before: Named, after: Named): string[] {
	const names = new Set(after.map(({ name }) => name));
	return before.flatMap(({ name }) => (names.has(name) ? [] : [name]));
}

function incomplete(problems: readonly ImportProblem[]): FlowbrokerError {
	const errors = problems.filter(({ severity }) => severity === "error");
	const first = errors[0] as ImportProblem;
	const place = first.line === 0 ? `the ${first.file} file` : `line ${first.line} of the ${first.file} file`;
	return new FlowbrokerError(
		"IMPORT_INCOMPLETE",
		`Nothing was imported: ${errors.length} lines can't be taken over as they are, the first is in ${place}: ${first.reason}. Correct them, or say partial: true to go on without them.`,
	);
}
