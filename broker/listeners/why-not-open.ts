/** Turns the operating system's code for a port that can't be opened into a sentence with the remedy. */

import { FlowbrokerError } from "../errors";
import type { ListenerOptions } from "./listener-options";

export function whyNotOpen(cause: unknown, { kind, host, port, path }: ListenerOptions): FlowbrokerError {
	const error = cause as NodeJS.ErrnoException;
	return kind === "unix" ? whyNotFile(error, path ?? "") : whyNotPort(error, host, port);
}

function whyNotPort(cause: NodeJS.ErrnoException, host: string, port: number): FlowbrokerError {
	switch (cause.code) {
		case "EADDRINUSE":
			return new FlowbrokerError(
				"PORT_IN_USE",
				`Port ${port} on ${host} is already in use by another program (often Mosquitto, or a second broker node). ` +
					"Stop that program or choose another port.",
				cause,
			);
		case "EACCES":
			return new FlowbrokerError(
				"PORT_FORBIDDEN",
				`The operating system does not allow this user to listen on port ${port}. Choose a port above 1023.`,
				cause,
			);
		case "EAFNOSUPPORT":
		case "EADDRNOTAVAIL":
		case "ENOTFOUND":
			return new FlowbrokerError(
				"ADDRESS_UNKNOWN",
				`This machine has no address ${host}. Use 127.0.0.1 for this machine only, or 0.0.0.0 for the whole network.`,
				cause,
			);
		default:
			return failed(`Port ${port} on ${host}`, cause);
	}
}

function whyNotFile(cause: NodeJS.ErrnoException, path: string): FlowbrokerError {
	switch (cause.code) {
		case "EADDRINUSE":
			return new FlowbrokerError(
				"PORT_IN_USE",
				`The socket file ${path} is already in use by another program. Stop that program or choose another file.`,
				cause,
			);
		// libuv says EACCES for a folder that does not exist, too.
		case "EACCES":
		case "EPERM":
		case "ENOENT":
		case "ENOTDIR":
			return new FlowbrokerError(
				"PORT_FORBIDDEN",
				`The socket file ${path} can't be made: its folder must exist, and this user must be allowed to write to it.`,
				cause,
			);
		case "EINVAL":
		case "ENAMETOOLONG":
			return new FlowbrokerError(
				"ADDRESS_UNKNOWN",
				`The path of the socket file ${path} is too long for the operating system. Choose one with less than 100 characters.`,
				cause,
			);
		default:
			return failed(`The socket file ${path}`, cause);
	}
}

function failed(what: string, cause: Error): FlowbrokerError {
	return new FlowbrokerError("LISTENER_FAILED", `${what} could not be opened: ${cause.message}.`, cause);
}
