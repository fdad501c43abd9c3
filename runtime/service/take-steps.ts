/** Takes the steps of an installation, and says each. */

import { rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { FlowbrokerError, makeFolders, whyUnwritable } from "../../broker";
import { type Step, sayStep } from "./plan";
import { runSystemCommand } from "./system";

/** @throws FlowbrokerError SERVICE_FAILED or FILE_UNWRITABLE at the first step that fails */
export async function takeSteps(steps: readonly Step[], say: (line: string) => void): Promise<void> {
	for (const step of steps) {
		await take(step);
		say(sayStep(step));
	}
}

async function take(step: Step): Promise<void> {
	if (step.kind === "run") {
		await runSystemCommand(step.command);
		return;
	}
	try {
		if (step.kind === "remove") await rm(step.path, { force: true });
		else await replace(step.path, step.text);
	} catch (error) {
		const remedy =
			(error as NodeJS.ErrnoException).code === "EACCES"
				? "Call the command with sudo"
				: "See whether the file system is writable";
		const sentence = `${step.path} can't be changed: ${whyUnwritable(error)}. ${remedy}.`;
		throw new FlowbrokerError("FILE_UNWRITABLE", sentence, error);
	}
}

/** Nobody ever sees half a file. */
async function replace(path: string, text: string): Promise<void> {
	await makeFolders(dirname(path));
	await writeFile(`${path}.new`, text, { mode: 0o644 });
	await rename(`${path}.new`, path);
}
