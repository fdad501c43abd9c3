/** All that can be said of flow files without starting them. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { FlowbrokerError } from "../../broker";
import { examine, type ReadFlow, readFlow } from "../checked-flow";
import type { FlowFile } from "../flows";
import { collectSecrets } from "../secrets/collect";
import { readSources, type SecretSources } from "../secrets/sources";
import { checkAccessFiles } from "./access-files";
import { checkEmbeddedBrokers } from "./embedded-brokers";
import { type Finding, findingOf } from "./finding";
import { checkSecrets } from "./missing-secrets";
import { readNodeForms } from "./node-forms";
import { checkReferences } from "./references";
import { checkSecretsInFlow } from "./secrets-in-flow";
import { checkTopics } from "./topics";
import { checkWires } from "./wires";

/** What would be said to `flowbroker run` beside the files. */
export interface CheckOptions extends Surroundings {
	readonly files: readonly string[];
}

/** Where the flow is to run. */
export interface Surroundings {
	readonly dataFolder: string | undefined;
	readonly secrets: SecretSources;
	readonly lookup: (variable: string) => string | undefined;
}

/** @returns everything that was found, errors of `flowbroker run` first */
export async function checkFiles(options: CheckOptions): Promise<Finding[]> {
	try {
		return await check(await readFlow(options.files, options.dataFolder), options);
	} catch (error) {
		return whatStopsRun(error);
	}
}

/** As {@link checkFiles}, of files that were read already. */
export async function checkReadFiles(files: readonly FlowFile[], options: Surroundings): Promise<Finding[]> {
	try {
		return await check(examine(files, options.dataFolder), options);
	} catch (error) {
		return whatStopsRun(error);
	}
}

/** No Node-RED, or a file of secrets that can't be read: `run` would stop there too. */
function whatStopsRun(error: unknown): Finding[] {
	if (error instanceof FlowbrokerError) return [findingOf(error)];
	throw error;
}

async function check(flow: ReadFlow, { dataFolder, secrets, lookup }: Surroundings): Promise<Finding[]> {
	const problems = flow.problems.map(findingOf);
	// What a node refers to may be in the very part of a file that could not be read.
	const unread = flow.problems.some(({ code }) => code === "FLOW_INVALID" || code === "FILE_UNREADABLE");
	if (unread) return problems;
	const accessFile = (brokerId: string) => accessFileIn(dataFolder, brokerId);
	const found = collectSecrets(flow, await readSources(secrets, flow.nodeRed));
	return [
		...problems,
		...checkReferences(flow, readNodeForms(flow.installed.forms)),
		...checkWires(flow),
		...checkTopics(flow),
		...checkEmbeddedBrokers(flow, { lookup, hasUsers: (id) => existsSync(accessFile(id) ?? "") }),
		...(await checkAccessFiles(flow, lookup, accessFile)),
		...checkSecretsInFlow(flow),
		...checkSecrets(flow, found),
	];
}

/** A broker's node names its folder so. */
function accessFileIn(dataFolder: string | undefined, brokerId: string): string | undefined {
	return dataFolder && join(dataFolder, "flowbroker", brokerId.replace(/[^\w-]/g, "-"), "access.json");
}
