/** Takes the settings for TLS from Node-RED's own `tls-config` node. */

import { FlowbrokerError } from "../../broker";
import type { TlsSettings } from "./remote/remote-options";

/** The part of the node that other nodes are meant to use. */
interface TlsConfigNode {
	/** False when the node's files can't be read; it has told why. */
	readonly valid?: boolean;
	addTLSOptions(options: object): object;
}

/** @throws FlowbrokerError OPTION_INVALID when there is no such node, or it has nothing to give */
export function tlsSettingsOf(node: unknown): TlsSettings {
	if (!isTlsConfig(node)) {
		throw invalid("the TLS configuration was removed or disabled. Open the broker's settings and choose one");
	}
	if (node.valid === false) {
		throw invalid("the TLS configuration can't be read; the log tells why. Open the TLS configuration and correct it");
	}
	return { rejectUnauthorized: true, ...node.addTLSOptions({}) };
}

function isTlsConfig(node: unknown): node is TlsConfigNode {
	return typeof node === "object" && node !== null && "addTLSOptions" in node;
}

function invalid(problem: string): FlowbrokerError {
	return new FlowbrokerError("OPTION_INVALID", `The broker can't use TLS: ${problem}.`);
}
