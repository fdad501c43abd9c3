/** Runs the commands of systemd. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { FlowbrokerError } from "../../broker";

const execute = promisify(execFile);

/** @returns what the command printed. @throws FlowbrokerError SERVICE_FAILED */
export async function runSystemCommand([program = "", ...args]: readonly string[]): Promise<string> {
	try {
		const { stdout } = await execute(program, args, { encoding: "utf8" });
		return stdout;
	} catch (error) {
		const { code, stderr } = error as { code?: unknown; stderr?: string };
		const why =
			code === "ENOENT"
				? "there is no such program. A service needs systemd"
				: (stderr ?? "").trim().replaceAll("\n", " | ") || `exit code ${code}`;
		throw new FlowbrokerError("SERVICE_FAILED", `"${[program, ...args].join(" ")}" failed: ${why}.`, error);
	}
}

/** For example 252. @throws FlowbrokerError SERVICE_FAILED */
export async function systemdVersion(): Promise<number> {
	const printed = await runSystemCommand(["systemctl", "--version"]);
	return Number(/^systemd (\d+)/.exec(printed)?.[1] ?? 0);
}
