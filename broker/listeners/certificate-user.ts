/** The user whom a client's certificate names. */

import type { PeerCertificate } from "node:tls";

/** A subject that names no user. The message is for people. */
export class CertificateUserProblem extends Error {
	override readonly name = "CertificateUserProblem";
}

/**
 * The common name. @throws CertificateUserProblem when there is none or several, or it can be no user name: wildcards
 * and slashes would reach into other users' topics where a rule has `%u`.
 */
export function userFromCommonName(certificate: Pick<PeerCertificate, "subject">): string {
	const name: unknown = certificate.subject?.CN;
	if (Array.isArray(name)) throw new CertificateUserProblem("its certificate has several common names");
	return usable(typeof name === "string" ? name : "", "common name");
}

/**
 * The whole subject as in RFC 2253: `CN=lamp,O=Home`.
 * @param subject as `X509Certificate.subject` gives it: a line for each part, already escaped, in the order of the
 * certificate
 * @throws CertificateUserProblem as {@link userFromCommonName}
 */
export function userFromSubject(subject: string | undefined): string {
	return usable((subject ?? "").split("\n").reverse().join(","), "subject");
}

function usable(name: string, what: string): string {
	if (name === "") throw new CertificateUserProblem(`the ${what} of its certificate is empty`);
	// U+FFFD is what stands for bytes that are not UTF-8. OpenSSL writes a control character in a subject as \00.
	if (/[\p{Cc}\ufffd]|\\([01][0-9A-F]|7F)/u.test(name)) {
		throw new CertificateUserProblem(`the ${what} of its certificate holds characters that no user name may have`);
	}
	if (/[+#/]/.test(name)) {
		throw new CertificateUserProblem(`the ${what} of its certificate holds +, # or /, which no user name may have`);
	}
	return name;
}
