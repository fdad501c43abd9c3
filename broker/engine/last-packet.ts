/** How a connection ends: with a packet that says why, where MQTT has one, and with time to read it. */

import type { Duplex } from "node:stream";
import mqtt from "mqtt-packet";
import { connackCode, type WireProblem } from "../wire";

/** Milliseconds that a client gets to read its last packets before the socket is destroyed. */
const LAST_WORDS = 1_000;

/** @param version undefined before it is known @returns undefined where this version of MQTT has no such packet */
export function lastPacket(
	{ reasonCode, text }: WireProblem,
	version: 3 | 4 | 5 | undefined,
	loggedIn: boolean,
): Buffer | undefined {
	if (version === undefined) return undefined;
	const options = { protocolVersion: version };
	if (loggedIn) return version === 5 ? mqtt.generate({ cmd: "disconnect", reasonCode }, options) : undefined;
	const code = connackCode({ reasonCode, text }, version);
	if (code === undefined) return undefined;
	const answer = version === 5 ? { reasonCode: code } : { returnCode: code };
	return mqtt.generate({ cmd: "connack", sessionPresent: false, ...answer }, options);
}

/** Ends a connection after what was written to it, and in any case soon. */
export function closeSoon(connection: Duplex): void {
	if (connection.destroyed) return;
	const timer = setTimeout(() => connection.destroy(), LAST_WORDS);
	connection.once("close", () => clearTimeout(timer));
	connection.end(() => connection.destroy());
	connection.resume();
}
