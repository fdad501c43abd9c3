/** Reads flow files from the disk. */

import { readFile } from "node:fs/promises";
import { type FlowbrokerError, whyUnreadable } from "../broker";
import { FlowProblem } from "./flow-problem";
import { type FlowFile, parseFlowFile } from "./flows";

/** Reads and parses one file. What is wrong with it is among its problems; nothing is thrown. */
export async function readFlowFile(path: string): Promise<FlowFile> {
	try {
		return parseFlowFile(path, new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path)));
	} catch (error) {
		return { name: path, nodes: [], problems: [unreadable(path, error)] };
	}
}

function unreadable(path: string, error: unknown): FlowbrokerError {
	if ((error as NodeJS.ErrnoException).code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
		const sentence = `${path} is not UTF-8 text. Save it as UTF-8, or export the flow again.`;
		return new FlowProblem("FLOW_INVALID", sentence, { file: path });
	}
	const sentence = `${path} can't be read: ${whyUnreadable(error)}.`;
	return new FlowProblem("FILE_UNREADABLE", sentence, { file: path }, error);
}
