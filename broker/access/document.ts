/** Reads and writes the text of `access.json`. */

import { type ErrorCode, FlowbrokerError } from "../errors";
import { checkAnonymous, checkDefaults, checkGroup, checkUser } from "./check-model";
import { inside, list, type Place, record, wrong } from "./check-value";
import { brokenJsonLine } from "./json-line";
import { type AccessDocument, type Group, newUser, type Rule, type User } from "./model";

const CODE: ErrorCode = "ACCESS_FILE_BROKEN";

/** An access file that cannot be used, with the line where that is known. */
export class BrokenDocumentError extends FlowbrokerError {
	constructor(
		sentence: string,
		/** Counted from 1; `null` when the text is JSON but its content is wrong: then the sentence has the path. */
		readonly line: number | null,
		code: ErrorCode = CODE,
	) {
		super(code, sentence);
	}
}

/** @throws BrokenDocumentError naming the line, or the path of the value, and what is wrong */
export function parseDocument(text: string): AccessDocument {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		// The error of JSON.parse quotes the text, which may be a password hash: it is not kept.
		const line = brokenJsonLine(text) ?? 1;
		throw new BrokenDocumentError(`Line ${line} is not JSON: look for a missing comma, quote or bracket there.`, line);
	}
	try {
		return checkDocument(value, CODE);
	} catch (error) {
		throw error instanceof FlowbrokerError ? new BrokenDocumentError(error.message, null, error.code) : error;
	}
}

/**
 * Checks a whole document.
 * @throws FlowbrokerError with the given code, naming the path of the first wrong value
 */
export function checkDocument(value: unknown, code: ErrorCode): AccessDocument {
	const place: Place = { path: "", code };
	const given = record(value, place, ["version", "defaults", "anonymous", "users", "groups"]);
	if (given.version !== 1) {
		throw wrong(inside(place, "version"), "must be 1: another version of flowbroker may have written this file");
	}
	const groups = list(given.groups ?? [], inside(place, "groups"), checkGroup);
	unique(groups, inside(place, "groups"));
	const groupNames = new Set(groups.map((group) => group.name));
	const users = list(given.users ?? [], inside(place, "users"), (user, at) => checkUser(user, at, groupNames));
	unique(users, inside(place, "users"));
	return {
		version: 1,
		defaults: checkDefaults(given.defaults ?? {}, inside(place, "defaults")),
		anonymous: checkAnonymous(given.anonymous ?? {}, inside(place, "anonymous")),
		users,
		groups,
	};
}

/** The text for the file: what is as usual is left out, so that people can read it. */
export function serialiseDocument(document: AccessDocument): string {
	const { version, defaults, anonymous, users, groups } = document;
	const plain = {
		version,
		defaults,
		anonymous: { ...anonymous, rules: anonymous.rules.map(plainRule) },
		groups: groups.map(plainGroup),
		users: users.map(plainUser),
	};
	return `${JSON.stringify(plain, null, "\t")}\n`;
}

function plainRule({ effect, action, filter, priority }: Rule): object {
	return priority === 0 ? { effect, action, filter } : { effect, action, filter, priority };
}

function plainGroup({ name, note, rules }: Group): object {
	return { name, ...(note === "" ? {} : { note }), rules: rules.map(plainRule) };
}

function plainUser(user: User): object {
	const { name, password, enabled, groups, clientIds, expires, note, rules } = user;
	return {
		name,
		...(password === newUser.password ? {} : { password }),
		enabled,
		...(groups.length === 0 ? {} : { groups }),
		...(clientIds === newUser.clientIds ? {} : { clientIds }),
		...(expires === newUser.expires ? {} : { expires }),
		...(note === newUser.note ? {} : { note }),
		...(rules.length === 0 ? {} : { rules: rules.map(plainRule) }),
	};
}

function unique(named: ReadonlyArray<{ readonly name: string }>, place: Place): void {
	const seen = new Map<string, number>();
	named.forEach(({ name }, at) => {
		const first = seen.get(name);
		if (first !== undefined) throw wrong(inside(inside(place, at), "name"), `is the same as that of number ${first}`);
		seen.set(name, at);
	});
}
