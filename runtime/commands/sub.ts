/** `flowbroker sub`: the work of mosquitto_sub, for a machine that has nothing else installed. */

import { type Command, table } from "../command";
import { optionRows } from "../mqtt-client/option-table";
import { runClient } from "../mqtt-client/run-client";
import { subscribe } from "../mqtt-client/subscribe";

export const sub: Command = {
	name: "sub",
	summary: "show messages, as mosquitto_sub does",
	usage: "-t FILTER... [options]",
	help: `Shows the messages that any broker sends.
The options, the output and the exit codes are those of mosquitto_sub.

${table(optionRows("sub"))}`,
	examples: ["flowbroker sub -v -t 'home/#'", "flowbroker sub -t home/temperature -C 1 -W 10 -F '@H:@M %p'"],
	options: {},
	readsOwnArguments: true,
	run: ({ files }) => runClient("sub", files, subscribe),
};
