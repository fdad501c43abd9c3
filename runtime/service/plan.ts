/** What has to be done to run a flow as a service, as a list of steps that can be shown or taken. */

import { join } from "node:path";
import type { UnitOptions } from "./unit";
import { unitText } from "./unit";

/** One thing to do. */
export type Step =
	| { readonly kind: "write"; readonly path: string; readonly text: string }
	| { readonly kind: "remove"; readonly path: string }
	| { readonly kind: "run"; readonly command: readonly string[] };

export interface ServiceNames {
	/** The service without `.service`. */
	readonly name: string;
	/** Another file system than the one that runs, such as the card of another machine. */
	readonly root: string | undefined;
}

/** The names that systemd takes for units and users. */
export const serviceName = /^[a-z_][a-z0-9_-]{0,30}$/;

export function unitPath({ name, root = "/" }: ServiceNames): string {
	return join(root, "etc/systemd/system", `${name}.service`);
}

function usersPath({ name, root = "/" }: ServiceNames): string {
	return join(root, "etc/sysusers.d", `${name}.conf`);
}

/** @param makesUser the user is made: nobody else has it */
export function installSteps(names: ServiceNames, unit: UnitOptions, makesUser: boolean): Step[] {
	const users = `# The user of the flowbroker service.\nu ${unit.user} - "flowbroker" "${unit.data}"\n`;
	const ownFolder = !unit.data.startsWith("/var/lib/");
	return [
		...(makesUser
			? [write(usersPath(names), users), run("systemd-sysusers", ...inRoot(names), `${names.name}.conf`)]
			: []),
		...(ownFolder && names.root === undefined ? [run("install", "-d", "-m", "0750", "-o", unit.user, unit.data)] : []),
		write(unitPath(names), unitText(unit)),
		...(names.root === undefined ? [run("systemctl", "daemon-reload")] : []),
		run("systemctl", ...inRoot(names), "enable", `${names.name}.service`),
		...(names.root === undefined ? [run("systemctl", "restart", `${names.name}.service`)] : []),
	];
}

/** The user and the data stay: they are worth more than the tidiness. */
export function uninstallSteps(names: ServiceNames): Step[] {
	const now = names.root === undefined ? ["--now"] : [];
	return [
		run("systemctl", ...inRoot(names), "disable", ...now, `${names.name}.service`),
		{ kind: "remove", path: unitPath(names) },
		{ kind: "remove", path: usersPath(names) },
		...(names.root === undefined ? [run("systemctl", "daemon-reload")] : []),
	];
}

/** For people: what the step does, or has done. */
export function sayStep(step: Step): string {
	if (step.kind === "run") return `run     ${step.command.join(" ")}`;
	return `${step.kind === "write" ? "write " : "remove"}  ${step.path}`;
}

function write(path: string, text: string): Step {
	return { kind: "write", path, text };
}

function run(...command: string[]): Step {
	return { kind: "run", command };
}

function inRoot({ root }: ServiceNames): string[] {
	return root === undefined ? [] : [`--root=${root}`];
}
