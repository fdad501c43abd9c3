/** Takes a command's arguments out of a message. */

import type { NodeMessage } from "node-red";

/**
 * A password stays in what is returned and is taken out of the message, which goes on to other nodes: a catch node too.
 * The payload itself is not touched: another node may hold it.
 */
export function takeArguments(message: NodeMessage): unknown {
	const { payload } = message;
	if (isObject(payload) && "password" in payload) {
		const { password: _secret, ...rest } = payload;
		message.payload = rest;
	}
	return payload;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}
