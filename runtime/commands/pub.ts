/** `flowbroker pub`: the work of mosquitto_pub, for a machine that has nothing else installed. */

import { type Command, table } from "../command";
import { optionRows } from "../mqtt-client/option-table";
import { publish } from "../mqtt-client/publish";
import { runClient } from "../mqtt-client/run-client";

export const pub: Command = {
	name: "pub",
	summary: "publish a message, as mosquitto_pub does",
	usage: "-t TOPIC {-m MESSAGE | -f FILE | -n | -s | -l} [options]",
	help: `Publishes a message to any broker.
The options, the output and the exit codes are those of mosquitto_pub.

${table(optionRows("pub"))}`,
	examples: ["flowbroker pub -t home/light/set -m on", "flowbroker pub -h pi.local -u anna -t home/light/set -n -r"],
	options: {},
	readsOwnArguments: true,
	run: ({ files }) => runClient("pub", files, publish),
};
