/** `flowbroker service status`: how a service is. */

import type { Command, CommandCall } from "../../command";
import { runSystemCommand } from "../../service/system";
import { formatOption, say, sayJson, wantsJson } from "../common/print";
import { noWords } from "../common/words";
import { nameOption, serviceNames } from "./names";

/** systemctl's own exit codes. */
const exits = { running: 0, stopped: 3, unknown: 4 } as const;

const properties = [
	"LoadState",
	"ActiveState",
	"SubState",
	"Result",
	"StatusText",
	"NRestarts",
	"MemoryCurrent",
	"MainPID",
];

export const serviceStatus: Command = {
	name: "service status",
	summary: "tell whether the service runs",
	usage: "[options]",
	help: `Tells whether the service runs, how often it was restarted, and what it says of itself.

Exit codes: 0 it runs, 3 it does not, 4 there is no such service.`,
	options: { ...nameOption, ...formatOption },
	examples: ["flowbroker service status"],
	run: status,
};

async function status(call: CommandCall): Promise<number> {
	noWords(call, "service status");
	const json = wantsJson(call);
	const { name } = serviceNames(call);
	const printed = await runSystemCommand([
		"systemctl",
		"show",
		`--property=${properties.join(",")}`,
		`${name}.service`,
	]);
	const state = parse(printed);
	const installed = state.LoadState !== "not-found";
	const running = state.ActiveState === "active";
	if (json) {
		sayJson({
			name,
			installed,
			running,
			state: state.SubState ?? "",
			result: state.Result ?? "",
			text: state.StatusText ?? "",
			restarts: numberOf(state.NRestarts),
			memory: numberOf(state.MemoryCurrent),
			pid: numberOf(state.MainPID),
		});
	} else if (installed) sayState(name, state, running);
	else say(`There is no service ${name}. Make it with: sudo flowbroker service install`);
	if (!installed) return exits.unknown;
	return running ? exits.running : exits.stopped;
}

function sayState(name: string, state: Readonly<Record<string, string>>, running: boolean): void {
	const why = running || state.Result === "success" ? "" : `, because: ${state.Result}`;
	say(`${name} is ${running ? "running" : `not running (${state.ActiveState}, ${state.SubState}${why})`}`);
	if (state.StatusText) say(`  it says    ${state.StatusText}`);
	const restarts = numberOf(state.NRestarts);
	if (restarts) say(`  restarts   ${restarts}`);
	const memory = numberOf(state.MemoryCurrent);
	if (memory) say(`  memory     ${Math.round(memory / 1_048_576)} MB`);
	say(`  log        journalctl -u ${name}`);
}

function parse(printed: string): Record<string, string> {
	const pairs = printed.split("\n").flatMap((line): [string, string][] => {
		const at = line.indexOf("=");
		return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
	});
	return Object.fromEntries(pairs);
}

/** systemd writes `[not set]`, and 2^64-1, for what it does not know. */
function numberOf(text: string | undefined): number | null {
	const value = Number(text);
	return text === undefined || !Number.isSafeInteger(value) ? null : value;
}
