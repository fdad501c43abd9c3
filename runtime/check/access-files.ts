/** Checks the files from which the embedded brokers of a flow take users and rules: with a broken one nobody gets in. */

import { readFile } from "node:fs/promises";
import { access, FlowbrokerError, whyUnreadable } from "../../broker";
import type { FlowNode } from "../flows";
import { isFromEnvironment } from "./active";
import { embeddedBrokers, filledField, type Lookup } from "./broker-fields";
import { type Finding, type Flow, finding } from "./finding";

interface AccessFile {
	readonly path: string;
	/** May it be missing? */
	readonly optional: boolean;
	/** @returns a sentence for each thing that is wrong with the content */
	readonly problems: (text: string) => readonly string[];
	readonly code: "ACCESS_FILE_BROKEN" | "MOSQUITTO_FILE_BROKEN";
}

/** @param accessFile the file of a broker's own users; `undefined` without a data folder */
export async function checkAccessFiles(
	flow: Flow,
	lookup: Lookup,
	accessFile: (brokerId: string) => string | undefined,
): Promise<Finding[]> {
	const found = await Promise.all(
		embeddedBrokers(flow.nodes, lookup).flatMap((node) =>
			filesOf(node, lookup, accessFile).map((file) => check(flow, node, file)),
		),
	);
	return found.flat();
}

function filesOf(
	node: FlowNode,
	lookup: Lookup,
	accessFile: (brokerId: string) => string | undefined,
): readonly AccessFile[] {
	const kind = filledField(node.access, lookup, "users");
	if (kind === "users") {
		const path = accessFile(node.id);
		return path === undefined ? [] : [{ path, optional: true, problems: documentProblems, code: "ACCESS_FILE_BROKEN" }];
	}
	if (kind !== "mosquitto") return [];
	const files = [
		{ path: filledField(node.passwordFile, lookup), parse: access.parseMosquittoPasswords },
		{ path: filledField(node.aclFile, lookup), parse: access.parseMosquittoAcl },
	];
	return files
		.filter(({ path }) => path !== "" && !isFromEnvironment(path))
		.map(({ path, parse }) => ({
			path,
			optional: false,
			problems: (text) => {
				const errors = parse(text).problems.filter(({ severity }) => severity === "error");
				return errors.map(({ line, text: shown, reason }) => `line ${line} (${shown}): ${reason}.`);
			},
			code: "MOSQUITTO_FILE_BROKEN",
		}));
}

async function check(
	flow: Flow,
	node: FlowNode,
	{ path, optional, problems, code }: AccessFile,
): Promise<readonly Finding[]> {
	let text: string;
	try {
		text = await readFile(path, "utf8");
	} catch (error) {
		const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
		if (missing && optional) return [];
		const what = `takes users or rules from ${path}, which can't be read: ${whyUnreadable(error)}.`;
		return [finding(flow, "warning", missing ? "ACCESS_FILE_MISSING" : "ACCESS_FILE_UNREADABLE", node, what)];
	}
	return problems(text).map((problem) =>
		finding(flow, "warning", code, node, `takes users or rules from ${path}, which is broken: ${problem}`),
	);
}

function documentProblems(text: string): readonly string[] {
	try {
		access.parseDocument(text.replace(/^\ufeff/, ""));
		return [];
	} catch (error) {
		if (!(error instanceof FlowbrokerError)) throw error;
		return [error.message];
	}
}
