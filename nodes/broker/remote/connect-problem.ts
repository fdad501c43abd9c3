/** Turns whatever ends an attempt to connect, or a connection, into one sentence with the reason. */

import { type ErrorCode, FlowbrokerError } from "../../../broker";
import { wordsOf } from "./reason-codes";
import type { RemoteOptions, Server } from "./remote-options";
import { describeServer } from "./servers";

/** Reason codes of CONNACK and DISCONNECT that have an error code of their own; all versions of MQTT. */
const codes: Readonly<Record<number, ErrorCode>> = {
	1: "PROTOCOL_REFUSED",
	2: "CLIENT_ID_REFUSED",
	3: "BROKER_UNAVAILABLE",
	4: "PASSWORD_REFUSED",
	5: "PASSWORD_REFUSED",
	132: "PROTOCOL_REFUSED",
	133: "CLIENT_ID_REFUSED",
	134: "PASSWORD_REFUSED",
	135: "PASSWORD_REFUSED",
	136: "BROKER_UNAVAILABLE",
	137: "BROKER_UNAVAILABLE",
	139: "BROKER_UNAVAILABLE",
	142: "CLIENT_REPLACED",
};

const remedies: Partial<Record<ErrorCode, string>> = {
	CLIENT_REPLACED: "Give each client an id of its own.",
	CLIENT_ID_REFUSED: "Choose another client id in the broker's settings.",
	PROTOCOL_REFUSED: "Choose another version of MQTT in the broker's settings.",
};

type Failed = Pick<RemoteOptions, "connectTimeout" | "user">;

/** The broker says why it refuses or ends the connection. */
export function refusal(code: number, reason: string | undefined, server: Server, { user }: Failed): FlowbrokerError {
	const kind = codes[code] ?? "BROKER_REFUSED";
	const login = user === undefined ? "Enter a user name and a password." : "Correct user name or password.";
	const remedy = kind === "PASSWORD_REFUSED" ? login : (remedies[kind] ?? "");
	const sentence = `The broker ${describeServer(server)} answers: ${wordsOf(code, reason)}. ${remedy}`.trim();
	return new FlowbrokerError(kind, sentence);
}

/** The connection ended, or did not come about, without a word from the broker. */
export function silentEnd(connected: boolean, server: Server): FlowbrokerError {
	const name = describeServer(server);
	if (connected) return new FlowbrokerError("CONNECTION_LOST", `The connection to the broker ${name} was lost.`);
	const encrypted = server.scheme === "mqtts" || server.scheme === "wss";
	const check = encrypted
		? "with TLS, and whether it asks for a certificate of this client"
		: "with or without TLS as set here";
	const sentence = `The broker ${name} closes the connection without an answer. Check that an MQTT broker listens at this port, ${check}.`;
	return new FlowbrokerError("CONNECTION_LOST", sentence);
}

/** @param error of the stream or of MQTT.js */
export function connectProblem(error: unknown, server: Server, options: Failed): FlowbrokerError {
	const { code, message = String(error) } = error as { code?: string | number; message?: string };
	if (typeof code === "number") return refusal(code, undefined, server, options);
	const [kind, sentence] = explain(code ?? "", message, server, options);
	return new FlowbrokerError(kind, sentence, error);
}

function explain(code: string, message: string, server: Server, { connectTimeout }: Failed): [ErrorCode, string] {
	const { host, port } = server;
	const name = describeServer(server);
	const certificate = `The certificate of the broker ${name}`;
	const trust = "choose a TLS configuration with the certificate of the broker's authority (CA)";
	switch (code) {
		case "ENOTFOUND":
		case "EAI_AGAIN":
		case "EAI_NONAME":
		case "EAI_NODATA":
			return ["HOST_NOT_FOUND", `The host "${host}" can't be found. Check the name and the network.`];
		case "ECONNREFUSED":
			return [
				"CONNECTION_REFUSED",
				`Nothing listens on port ${port} of ${host}. Check the port, and that the broker runs.`,
			];
		case "ETIMEDOUT":
			return ["CONNECTION_TIMEOUT", `The broker ${name} can't be reached. Check address, network and firewall.`];
		case "EHOSTUNREACH":
		case "ENETUNREACH":
		case "EHOSTDOWN":
		case "ENETDOWN":
		case "EADDRNOTAVAIL":
			return ["NETWORK_UNREACHABLE", `There is no way through the network to ${name}. Check address and network.`];
		case "ECONNRESET":
		case "EPIPE":
			return ["CONNECTION_LOST", `The broker ${name} has cut the connection.`];
		case "CERT_HAS_EXPIRED":
			return ["CERTIFICATE_NOT_TRUSTED", `${certificate} has expired, or the clock of this machine is wrong.`];
		case "CERT_NOT_YET_VALID":
			return ["CERTIFICATE_NOT_TRUSTED", `${certificate} is not valid yet, or the clock of this machine is wrong.`];
		case "ERR_TLS_CERT_ALTNAME_INVALID": {
			const remedy = "Enter the name that the certificate holds, here or as server name in the TLS configuration.";
			return ["CERTIFICATE_NOT_TRUSTED", `${certificate} is made out for another name than "${host}". ${remedy}`];
		}
	}
	if (/CERT|ISSUER|SELF_SIGNED|LEAF_SIGNATURE/.test(code) && !code.startsWith("ERR_SSL")) {
		return ["CERTIFICATE_NOT_TRUSTED", `${certificate} is not trusted (${code}). If it is yours, ${trust}.`];
	}
	if (code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS") || code.startsWith("ERR_OSSL") || code === "EPROTO") {
		const remedy = "Check that the port is one for TLS, and whether the broker asks for a certificate of this client.";
		return ["TLS_FAILED", `No encrypted connection to ${name} could be agreed on (${code}). ${remedy}`];
	}
	if (message === "connack timeout") {
		return ["CONNECTION_TIMEOUT", `The broker ${name} did not answer within ${connectTimeout / 1000} seconds.`];
	}
	if (message === "Keepalive timeout") {
		return ["CONNECTION_LOST", `The broker ${name} no longer answers: the connection was ended.`];
	}
	if (message.startsWith("Unexpected server response")) {
		const remedy = "Check port and path of the address.";
		return ["BROKER_REFUSED", `There is no MQTT over WebSocket at ${name} (${message}). ${remedy}`];
	}
	return ["CONNECTION_LOST", `The connection to the broker ${name} failed: ${message}.`];
}
