/** A broker in a process of its own, which a test may kill. Needs the built files. */

import { join } from "node:path";
import { type PeerProgram, start } from "./peer-program";

const dist = join(__dirname, "../../dist/broker/index.js");
const script = `
const { createBroker, parseBrokerOptions } = require(process.argv[1]);
const broker = createBroker(parseBrokerOptions({ listeners: [{ port: 0 }], sysInterval: 0, ...JSON.parse(process.argv[2]) }));
broker.start().then(() => console.log("port " + broker.listeners[0].port));
`;

export interface BrokerProcess {
	readonly url: string;
	readonly program: PeerProgram;
}

/** @param options as for `parseBrokerOptions` */
export async function startBrokerProcess(options: object): Promise<BrokerProcess> {
	const program = start(process.execPath, ["-e", script, dist, JSON.stringify(options)]);
	const line = await program.line((text) => text.startsWith("port "));
	return { url: `mqtt://127.0.0.1:${line.slice(5)}`, program };
}
