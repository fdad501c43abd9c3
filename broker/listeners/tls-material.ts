/** Reads certificate, key, CA and revocation list of a listener and checks that they can be used together. */

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { FlowbrokerError } from "../errors";
import { type PemSource, readPem } from "./pem-source";
import type { TlsOptions } from "./tls-options";

export interface TlsMaterial {
	/** For `tls.createServer` and `server.setSecureContext`. */
	readonly context: SecureContextOptions;
	readonly subject: string;
	/** Milliseconds since 1970. */
	readonly notAfter: number;
}

/**
 * @throws FlowbrokerError CERTIFICATE_UNREADABLE, CERTIFICATE_INVALID, CERTIFICATE_PASSPHRASE, CERTIFICATE_KEY_MISMATCH,
 * CERTIFICATE_EXPIRED or CERTIFICATE_NOT_YET_VALID
 */
export async function loadTlsMaterial(options: TlsOptions, now: number = Date.now()): Promise<TlsMaterial> {
	const [cert, key, ca, crl] = await Promise.all(
		(["cert", "key", "ca", "crl"] as const).map((name) => readPem(options, name)),
	);
	// The settings were checked to have both.
	if (!cert || !key) throw new FlowbrokerError("CERTIFICATE_UNREADABLE", "A certificate and its key are needed.");
	const certificate = parseCertificate(cert);
	const { passphrase } = options;
	const privateKey = parseKey(key, passphrase);
	if (!certificate.checkPrivateKey(privateKey)) {
		throw new FlowbrokerError(
			"CERTIFICATE_KEY_MISMATCH",
			`The private key in ${key.place} does not belong to the certificate in ${cert.place}. Use the key that it was made with.`,
		);
	}
	checkDates(certificate, cert, now);
	if (ca) parseCertificate(ca);
	const context: SecureContextOptions = {
		cert: cert.text,
		key: key.text,
		...(passphrase !== undefined && { passphrase }),
		...(ca && { ca: ca.text }),
		...(crl && { crl: crl.text }),
		minVersion: options.minVersion,
	};
	tryContext(context, [cert, key, ca, crl]);
	return { context, subject: oneLine(certificate.subject), notAfter: Date.parse(certificate.validTo) };
}

function parseCertificate({ text, place }: PemSource): X509Certificate {
	try {
		return new X509Certificate(text);
	} catch (cause) {
		throw new FlowbrokerError(
			"CERTIFICATE_INVALID",
			`There is no certificate in ${place}: it must be a PEM file with a line -----BEGIN CERTIFICATE-----.`,
			cause,
		);
	}
}

function parseKey({ text, place }: PemSource, passphrase: string | undefined): KeyObject {
	try {
		return createPrivateKey({ key: text, ...(passphrase !== undefined && { passphrase }) });
	} catch (cause) {
		// Where it is encrypted stands in the type of a PKCS 8 key, and in the second line of the older forms.
		if (!/BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
			throw new FlowbrokerError(
				"CERTIFICATE_INVALID",
				`There is no private key in ${place}: it must be a PEM file with a line -----BEGIN PRIVATE KEY-----.`,
				cause,
			);
		}
		const what = passphrase === undefined ? "needs a passphrase" : "does not open with the passphrase of the settings";
		throw new FlowbrokerError(
			"CERTIFICATE_PASSPHRASE",
			`The private key in ${place} ${what}. Set tls.passphrase to the one it was made with.`,
			cause,
		);
	}
}

function checkDates({ validFrom, validTo }: X509Certificate, { place }: PemSource, now: number): void {
	if (Date.parse(validTo) < now) {
		throw new FlowbrokerError(
			"CERTIFICATE_EXPIRED",
			`The certificate in ${place} expired on ${day(validTo)}. Renew it, for example with "flowbroker certs create".`,
		);
	}
	if (Date.parse(validFrom) <= now) return;
	const today = new Date(now).toISOString().slice(0, 10);
	throw new FlowbrokerError(
		"CERTIFICATE_NOT_YET_VALID",
		`The certificate in ${place} is only valid from ${day(validFrom)} on, and this machine's date is ${today}. Is its clock right?`,
	);
}

/** The rest is left to OpenSSL: the chain, the CA, the revocation list, keys that are too weak. */
function tryContext(context: SecureContextOptions, sources: readonly (PemSource | undefined)[]): void {
	try {
		createSecureContext(context);
	} catch (cause) {
		const places = sources.filter((source) => source !== undefined).map(({ place }) => place);
		throw new FlowbrokerError(
			"CERTIFICATE_INVALID",
			`TLS can't be used with ${places.join(", ")}: ${(cause as Error).message}.`,
			cause,
		);
	}
}

function day(date: string): string {
	return new Date(date).toISOString().slice(0, 10);
}

function oneLine(subject: string): string {
	return subject.split("\n").join(", ");
}
