/** The settings of a listener with TLS. */

import { invalid, known, oneOf, record, text } from "../parse";
import { given, secret } from "./option-values";

/** Each of certificate, key, CA and revocation list is the path of a PEM file or the PEM text itself. */
export interface TlsOptions {
	/** Certificate of this broker, with those of intermediate CAs behind it. One of `cert` and `certFile` is needed. */
	readonly cert?: string;
	readonly certFile?: string;
	/** Its private key. One of `key` and `keyFile` is needed. */
	readonly key?: string;
	readonly keyFile?: string;
	/** Opens an encrypted private key. */
	readonly passphrase?: string;
	/** The CAs that client certificates must come from; needed when any are asked for. */
	readonly ca?: string;
	readonly caFile?: string;
	/** Client certificates that the CA has revoked. */
	readonly crl?: string;
	readonly crlFile?: string;
	/** Are clients asked for a certificate? With `optional` one that is shown must be good. Default `none`. */
	readonly requestCert: "none" | "optional" | "required";
	/**
	 * Does the client's certificate name the user, in place of user name and password? `cn` takes its common name,
	 * `subject` the whole subject as in RFC 2253. Default `none`.
	 */
	readonly userFrom: "none" | "cn" | "subject";
	/** Default `TLSv1.2`. */
	readonly minVersion: "TLSv1.2" | "TLSv1.3";
}

export const defaultTls = {
	requestCert: "none",
	userFrom: "none",
	minVersion: "TLSv1.2",
} as const satisfies TlsOptions;

const names = [
	...["cert", "certFile", "key", "keyFile", "passphrase", "ca", "caFile", "crl", "crlFile"],
	...["requestCert", "userFrom", "minVersion"],
];

/** @throws FlowbrokerError OPTION_INVALID; keys and passphrases are not in its sentence */
export function parseTls(input: unknown, path: string): TlsOptions {
	const settings = record(input, path);
	const prefix = `${path}.`;
	known(settings, names, prefix);
	const tls: TlsOptions = {
		...textOrFile(settings, prefix, "cert", "certFile"),
		...textOrFile(settings, prefix, "key", "keyFile"),
		...textOrFile(settings, prefix, "ca", "caFile"),
		...textOrFile(settings, prefix, "crl", "crlFile"),
		...given(settings, prefix, "passphrase", secret),
		requestCert: oneOf(settings.requestCert ?? defaultTls.requestCert, `${prefix}requestCert`, [
			"none",
			"optional",
			"required",
		]),
		userFrom: oneOf(settings.userFrom ?? defaultTls.userFrom, `${prefix}userFrom`, ["none", "cn", "subject"]),
		minVersion: oneOf(settings.minVersion ?? defaultTls.minVersion, `${prefix}minVersion`, ["TLSv1.2", "TLSv1.3"]),
	};
	if (!tls.cert && !tls.certFile) throw invalid(`${prefix}certFile`, "is needed: the path of the certificate");
	if (!tls.key && !tls.keyFile)
		throw invalid(`${prefix}keyFile`, "is needed: the path of the certificate's private key");
	checkClientCertificates(tls, prefix);
	return tls;
}

function checkClientCertificates(tls: TlsOptions, prefix: string): void {
	if (tls.requestCert === "none") {
		if (tls.userFrom === "none") return;
		throw invalid(`${prefix}requestCert`, 'must be "optional" or "required" when userFrom takes the user from it');
	}
	if (!tls.ca && !tls.caFile) {
		throw invalid(`${prefix}caFile`, "is needed to check client certificates: the path of the CA's certificate");
	}
}

function textOrFile<Text extends string, File extends string>(
	settings: Record<string, unknown>,
	prefix: string,
	pem: Text,
	file: File,
): { [key in Text | File]?: string } {
	if (settings[pem] !== undefined && settings[file] !== undefined) {
		throw invalid(`${prefix}${pem}`, `must not be given together with ${file}: choose one`);
	}
	const one = { ...given(settings, prefix, pem, secret), ...given(settings, prefix, file, text) };
	return one as { [key in Text | File]?: string };
}
