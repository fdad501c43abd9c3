/** Which listeners the embedded broker has: the first one always, those for TLS and WebSocket where they have a port. */

import { type Fields, invalid } from "./fields";
import { brokerDefaults } from "./properties";
import type { TlsSettings } from "./remote/remote-options";

/** What the `tls-config` node of that id holds. */
export type TlsOf = (id: string) => TlsSettings;

const more = [
	{ kind: "tls", field: "tlsPort", secure: true },
	{ kind: "ws", field: "wsPort", secure: false },
	{ kind: "wss", field: "wssPort", secure: true },
] as const;

/** @returns listeners for `parseBrokerOptions`. @throws FlowbrokerError OPTION_INVALID */
export function listenersOf(fields: Fields, tlsOf: TlsOf): object[] {
	const written = fields.value("listeners");
	if (written !== undefined && written !== "") return writtenListeners(written);
	const host = fields.text("host") ?? brokerDefaults.host;
	const range = { from: 0, to: 65_535 };
	const listeners: object[] = [{ host, port: fields.whole("port", range) ?? brokerDefaults.port }];
	for (const { kind, field, secure } of more) {
		const port = fields.whole(field, range);
		if (port !== undefined)
			listeners.push({ name: kind, kind, host, port, ...(secure && { tls: serverTls(fields, tlsOf) }) });
	}
	return listeners;
}

/** The list in the field "listeners"; what is in it is checked by `parseBrokerOptions`. */
function writtenListeners(written: unknown): object[] {
	let list = written;
	if (typeof written === "string") {
		try {
			list = JSON.parse(written);
		} catch {
			list = undefined;
		}
	}
	if (!Array.isArray(list) || list.length === 0)
		throw invalid("listeners", "...", "must be a list of listeners as JSON");
	const exposed = list.some(({ tls }) => tls && (tls.key !== undefined || tls.passphrase !== undefined));
	if (exposed) {
		throw invalid("listeners", "...", 'must hold no key and no passphrase: name the file of the key with "keyFile"');
	}
	return list;
}

function serverTls(fields: Fields, tlsOf: TlsOf): object {
	const requestCert = fields.choice("clientCert", ["none", "optional", "required"], brokerDefaults.clientCert);
	const userFrom = fields.choice("certUser", ["none", "cn"], brokerDefaults.certUser);
	return { ...certificateOf(fields, tlsOf), requestCert, userFrom };
}

/** Files are watched for changes; a `tls-config` node reads its own once. */
function certificateOf(fields: Fields, tlsOf: TlsOf): object {
	const certFile = fields.text("certFile");
	const keyFile = fields.text("keyFile");
	const caFile = fields.text("caFile");
	if (certFile && keyFile) return { certFile, keyFile, ...(caFile && { caFile }) };
	if (certFile || keyFile)
		throw invalid(certFile ? "keyFile" : "certFile", "", "must be filled in where the other file is");
	const id = fields.text("serverTls");
	if (id === undefined) {
		throw invalid("certFile", "", "must be filled in, or a TLS configuration chosen, for a port with TLS");
	}
	const { cert, key, ca, passphrase } = tlsOf(id);
	return {
		...(cert !== undefined && { cert: String(cert) }),
		...(key !== undefined && { key: String(key) }),
		...(ca !== undefined && { ca: String(ca) }),
		...(passphrase && { passphrase }),
	};
}
