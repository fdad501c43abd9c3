/** `flowbroker service uninstall`: stops a service and removes its unit. */

import { existsSync } from "node:fs";
import { FlowbrokerError } from "../../../broker";
import type { Command, CommandCall } from "../../command";
import { sayStep, uninstallSteps, unitPath } from "../../service/plan";
import { takeSteps } from "../../service/take-steps";
import { say } from "../common/print";
import { noWords } from "../common/words";
import { nameOption, placeOptions, requireRoot, serviceNames } from "./names";

export const uninstallService: Command = {
	name: "service uninstall",
	summary: "stop the service and remove it",
	usage: "[options]",
	help: "Stops the service, and removes its unit. The flow, the data and the user stay.",
	options: { ...nameOption, ...placeOptions },
	examples: ["sudo flowbroker service uninstall"],
	run: uninstall,
};

async function uninstall(call: CommandCall): Promise<void> {
	noWords(call, "service uninstall");
	const names = serviceNames(call);
	const path = unitPath(names);
	if (!existsSync(path)) {
		throw new FlowbrokerError(
			"SERVICE_FAILED",
			`There is no service ${names.name}: ${path} does not exist. See --name.`,
		);
	}
	const steps = uninstallSteps(names);
	if (call.switches.has("dry-run")) {
		for (const step of steps) say(sayStep(step));
		return;
	}
	requireRoot(names);
	await takeSteps(steps, say);
	say(`The service ${names.name} is removed. Its flow, its data and its user are still there.`);
}
