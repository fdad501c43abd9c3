/** `flowbroker service install`: writes the unit of a flow and starts it. */

import { realpathSync } from "node:fs";
import { basename, extname, resolve } from "node:path";
import { FlowbrokerError } from "../../../broker";
import type { Command, CommandCall } from "../../command";
import { configFileOf, configOption, type ResolvedSetting, resolveSettings } from "../../config/resolve";
import { readFlowFile } from "../../flow-files";
import { findUnreachable, isInHome } from "../../service/paths";
import { installSteps, sayStep } from "../../service/plan";
import { runSystemCommand, systemdVersion } from "../../service/system";
import { takeSteps } from "../../service/take-steps";
import { type UnitOptions, unitText } from "../../service/unit";
import { say, warn } from "../common/print";
import { nameOption, placeOptions, refuseWrongName, requireRoot, serviceNames } from "./names";

/** From this version on a unit can name the folder of its credentials. */
const oldestSystemd = 250;

/** Settings that are files with secrets: only root need be able to read them. */
const secretFiles: Readonly<Record<string, string>> = {
	secrets: "FLOWBROKER_SECRETS",
	credentials: "FLOWBROKER_CREDENTIALS",
	credentialSecretFile: "FLOWBROKER_CREDENTIAL_SECRET_FILE",
	tokenFile: "FLOWBROKER_TOKEN_FILE",
	httpKey: "FLOWBROKER_HTTP_KEY",
};

export const installService: Command = {
	name: "service install",
	summary: "start a flow now and whenever the machine starts",
	usage: "[FILE...] [options]",
	help: `Writes a unit of systemd for the flow files, or for what the configuration file says, and starts it. It runs as a
user of its own, may write nothing but its data folder, is restarted when it fails, and is ended when it hangs.
Files with secrets and tokens are handed over by systemd: only root has to be able to read them.

Every step is said. Called again, it takes over changed settings.`,
	options: {
		...configOption,
		data: { value: "DIR", help: "data folder (default: the one of the configuration, or /var/lib/NAME)" },
		user: { value: "USER", help: "run as this user, who must exist (default: NAME, who is made)" },
		devices: { help: "let the flow use serial ports and GPIO" },
		...nameOption,
		...placeOptions,
		print: { help: "only print the unit" },
	},
	examples: [
		"sudo flowbroker service install --config /etc/flowbroker/flowbroker.yaml",
		"flowbroker service install --config /etc/flowbroker/flowbroker.yaml --print",
	],
	run: install,
};

async function install(call: CommandCall): Promise<void> {
	const names = serviceNames(call);
	const { user = names.name } = call.values;
	refuseWrongName("--user", user);
	const settings = new Map(resolveSettings(call, {}).settings.map((one) => [one.setting.key, one]));
	const config = configFileOf(call, {});
	const unit = await unitOf(call, config, settings, user);
	const steps = installSteps(names, unit, call.values.user === undefined);
	if (call.switches.has("print")) {
		process.stdout.write(unitText(unit));
		return;
	}
	if (names.root === undefined) await refuseBroken(flowsOf(settings));
	const programs = [process.execPath, process.argv[1] ?? ""].map((file) => realpathSync(file));
	const reads = [...(config === undefined ? [] : [resolve(config)]), ...flowsOf(settings), ...programs];
	if (names.root === undefined) for (const sentence of await findUnreachable(reads, user)) warn(`warning: ${sentence}`);
	if (call.switches.has("dry-run")) {
		for (const step of steps) say(sayStep(step));
		return;
	}
	requireRoot(names);
	await takeSteps(steps, say);
	if (names.root === undefined) {
		const state = await runSystemCommand(["systemctl", "show", "-P", "ActiveState", `${names.name}.service`]);
		say(`${names.name} is ${state.trim()}. Its log: journalctl -u ${names.name}`);
	}
}

/** A service of them would only fail, again and again. @throws AggregateError */
async function refuseBroken(flows: readonly string[]): Promise<void> {
	const problems = (await Promise.all(flows.map(readFlowFile))).flatMap((file) => file.problems);
	if (problems.length > 0) throw new AggregateError(problems, "The flow can't be run.");
}

async function unitOf(
	call: CommandCall,
	config: string | undefined,
	settings: ReadonlyMap<string, ResolvedSetting>,
	user: string,
): Promise<UnitOptions> {
	const { name } = serviceNames(call);
	const flows = flowsOf(settings);
	if (flows.length === 0) {
		throw new FlowbrokerError(
			"USAGE",
			"Name the flow files, or a configuration with --config. See: flowbroker help service install",
		);
	}
	const systemd = await systemdVersion();
	if (systemd < oldestSystemd) {
		throw new FlowbrokerError(
			"SERVICE_FAILED",
			`This is systemd ${systemd}: a service needs ${oldestSystemd} or newer.`,
		);
	}
	const text = (key: string) => {
		const value = settings.get(key)?.value;
		return typeof value === "string" ? value : undefined;
	};
	const data = resolve(text("data") ?? `/var/lib/${name}`);
	const memory = text("memory");
	const node = realpathSync(process.execPath);
	const cli = realpathSync(process.argv[1] ?? "");
	const heap = memory === undefined ? [] : [`--max-old-space-size=${memory}`];
	const what = call.files.length > 0 || config === undefined ? flows : [];
	const from = config === undefined ? [] : ["--config", resolve(config)];
	const secrets = Object.entries(secretFiles).flatMap(([key, variable]) => {
		const file = text(key);
		// The ending tells how the file is read.
		return file === undefined ? [] : [{ variable, file: resolve(file), name: `flowbroker-${key}${extname(file)}` }];
	});
	return {
		description: `flowbroker: ${flows.map((flow) => basename(flow)).join(", ")}`,
		user,
		command: [node, ...heap, cli, "run", ...what, ...from, "--data", data],
		credentials: new Map(secrets.map(({ name: credential, file }) => [credential, file])),
		environment: new Map(secrets.map(({ variable, name: credential }) => [variable, `%d/${credential}`])),
		data,
		readsHomes: [node, cli, data, ...flows, ...from].some(isInHome),
		lowPort: ["port", "http"].some((key) => isLow(text(key))),
		devices: call.switches.has("devices"),
		memory: memory === undefined ? undefined : Number(memory),
		systemd,
	};
}

function flowsOf(settings: ReadonlyMap<string, ResolvedSetting>): string[] {
	return [settings.get("flows")?.value ?? []].flat().map((file) => resolve(file));
}

function isLow(port: string | undefined): boolean {
	return port !== undefined && Number(port) > 0 && Number(port) < 1024;
}
