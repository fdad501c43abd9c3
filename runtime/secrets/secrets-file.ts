/** Reads a file of secrets: `{"Home broker": {"user": "flow", "password": "..."}}`, as JSON or YAML. */

import { FlowbrokerError } from "../../broker";
import { findJsonError } from "../json-position";
import type { NodeRedInstallation } from "../node-red-installation";
import { findYaml, YamlMistake } from "../yaml";
import type { GivenSecret } from "./given-secret";
import { readPrivateFile } from "./private-file";

/**
 * @param nodeRed brings the reader of YAML, which its own nodes use
 * @throws FlowbrokerError FILE_UNREADABLE, SECRETS_EXPOSED, SECRETS_INVALID; none of them quotes the file
 */
export async function readSecretsFile(
	path: string,
	nodeRed: Pick<NodeRedInstallation, "coreNodesFolder">,
): Promise<GivenSecret[]> {
	const text = await readPrivateFile(path);
	const content = /\.ya?ml$/i.test(path) ? parseYaml(path, text, nodeRed) : parseJson(path, text);
	const nodes = entriesOf(content, () => invalid(path, "must name nodes, each with its secrets"));
	return nodes.flatMap(([key, fields]) => {
		const entries = entriesOf(fields, () =>
			invalid(path, `must give "${key}" the names of its secrets, each with its value`),
		);
		return entries.map(([field, value]) => ({ key, field, value: textOf(path, key, field, value), from: path }));
	});
}

function textOf(path: string, key: string, field: string, value: unknown): string {
	if (value === null) return "";
	if (typeof value === "string") return value;
	throw invalid(path, `must have a text as "${field}" of "${key}": put the value in quotes`);
}

function entriesOf(value: unknown, problem: () => FlowbrokerError): [string, unknown][] {
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw problem();
	return Object.entries(value);
}

/** The messages of JSON.parse quote what they read, so only the place is told. */
function parseJson(path: string, text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		const place = findJsonError(text);
		throw invalid(path, `is not valid JSON${place ? `: see line ${place.line}, column ${place.column}` : ""}`);
	}
}

function parseYaml(path: string, text: string, nodeRed: Pick<NodeRedInstallation, "coreNodesFolder">): unknown {
	const load = findYaml(nodeRed);
	if (!load) throw new FlowbrokerError("SECRETS_INVALID", `${path}: this Node-RED can't read YAML. Save it as JSON.`);
	try {
		return load(text);
	} catch (error) {
		const line = error instanceof YamlMistake ? error.line : undefined;
		throw invalid(path, `is not valid YAML${line === undefined ? "" : `: see line ${line}`}`);
	}
}

function invalid(path: string, what: string): FlowbrokerError {
	return new FlowbrokerError(
		"SECRETS_INVALID",
		`${path} ${what}. Make a pattern with: flowbroker secrets template FLOW`,
	);
}
