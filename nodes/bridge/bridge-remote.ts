/** The way to the other broker, as the settings of a connection say it. */

import { type BridgeRemote, FlowbrokerError, type LinkEnd } from "../../broker";
import { pauseAfter } from "../broker/remote/backoff";
import { connectProblem, refusal, silentEnd } from "../broker/remote/connect-problem";
import { openStream } from "../broker/remote/open-stream";
import type { RemoteOptions, Server } from "../broker/remote/remote-options";
import { describeServer } from "../broker/remote/servers";

/** Milliseconds between two looks whether the first address is back, as with Mosquitto. */
const LOOK_EVERY = 5_000;
/** Connections in a row that end soon without a word, and are no chance. */
const OFTEN = 3;

export function bridgeRemote(options: RemoteOptions): BridgeRemote {
	const { servers, pause } = options;
	const server = (at: number) => servers[at] as Server;
	return {
		servers: servers.map(describeServer),
		open: (at) => openStream(server(at), options),
		isThere: (at) => isThere(server(at), options),
		explain: (at, end, failures) => explain(server(at), end, failures, options),
		pause: (failures) => pauseAfter(failures, servers.length, pause, Math.random()),
		lasting: pause.maximum,
		lookEvery: LOOK_EVERY,
	};
}

function explain(server: Server, end: LinkEnd, failures: number, options: RemoteOptions) {
	const { connected, code, reason, error } = end;
	if (code !== undefined) return refusal(code, reason, server, options);
	if (error) return connectProblem(error, server, options);
	// Before MQTT 5 a client that is replaced is told nothing.
	return connected && failures >= OFTEN ? lostAgainAndAgain(server) : silentEnd(connected, server);
}

function lostAgainAndAgain(server: Server): FlowbrokerError {
	const sentence =
		`The broker ${describeServer(server)} ends each connection soon after it came about. Perhaps another client has the ` +
		"same client id: give each bridge an id of its own. Otherwise the log of that broker says why.";
	return new FlowbrokerError("CONNECTION_LOST", sentence);
}

/** A stream that can be opened is enough. */
function isThere(server: Server, options: RemoteOptions): Promise<boolean> {
	return new Promise((resolve) => {
		const stream = openStream(server, options);
		const end = (found: boolean) => {
			clearTimeout(timer);
			stream.destroy();
			resolve(found);
		};
		const timer = setTimeout(() => end(false), options.connectTimeout);
		stream.on("error", () => end(false));
		stream.on("close", () => end(false));
		// Written to as soon as it is open: what is written is not even the start of a packet.
		stream.write(Buffer.alloc(0), (error) => end(!error));
	});
}
