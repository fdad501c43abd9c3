/** Options that all commands about a service have. */

import { resolve } from "node:path";
import { FlowbrokerError } from "../../../broker";
import type { CommandCall, CommandOption } from "../../command";
import { type ServiceNames, serviceName } from "../../service/plan";

export const nameOption = {
	name: { value: "NAME", help: "name of the service (default: flowbroker)" },
} as const satisfies Record<string, CommandOption>;

export const placeOptions = {
	root: { value: "DIR", help: "change the system below this folder, such as the card of another machine" },
	"dry-run": { help: "only say what would be done" },
} as const satisfies Record<string, CommandOption>;

/** @throws FlowbrokerError USAGE */
export function serviceNames({ values: { name = "flowbroker", root } }: CommandCall): ServiceNames {
	refuseWrongName("--name", name);
	return { name, root: root === undefined ? undefined : resolve(root) };
}

/** @throws FlowbrokerError USAGE */
export function refuseWrongName(option: string, name: string): void {
	if (serviceName.test(name)) return;
	throw new FlowbrokerError(
		"USAGE",
		`${option} ${name} is no name for systemd: take small letters, digits, - and _, at most 31, a letter first.`,
	);
}

/** @throws FlowbrokerError USAGE */
export function requireRoot({ root }: ServiceNames): void {
	if (root !== undefined || process.getuid?.() === 0) return;
	throw new FlowbrokerError(
		"USAGE",
		"Services belong to the system: call the command with sudo. --dry-run says what it would do.",
	);
}
