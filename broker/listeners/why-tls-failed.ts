/** Says in words for people why a TLS handshake failed. */

/** By OpenSSL's code, of errors while shaking hands. */
const handshakeErrors: Readonly<Record<string, string>> = {
	ERR_SSL_HTTP_REQUEST: "speaks HTTP without TLS: it must use https:// or wss://",
	ERR_SSL_WRONG_VERSION_NUMBER: "does not speak TLS: it must use mqtts:// here, or a port without TLS",
	ERR_SSL_UNSUPPORTED_PROTOCOL: "only speaks a version of TLS that is too old",
	ERR_SSL_NO_SHARED_CIPHER: "has no cipher in common with this listener",
	ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "does not trust the certificate of this listener: give it the CA's certificate",
	ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: "does not accept the certificate of this listener: does it name this host?",
	ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: "does not accept the certificate of this listener",
	ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: "says that the certificate of this listener has expired",
	ERR_TLS_HANDSHAKE_TIMEOUT: "did not finish the TLS handshake in time",
	ECONNRESET: "left during the TLS handshake",
};

/** By the code that OpenSSL gives to a client certificate that it refuses. */
const certificateErrors: Readonly<Record<string, string>> = {
	CERT_HAS_EXPIRED: "has expired",
	CERT_NOT_YET_VALID: "is not valid yet",
	CERT_REVOKED: "was revoked",
	UNABLE_TO_GET_CRL: "is of a CA that has no revocation list here, or is not trusted",
	CRL_HAS_EXPIRED: "can't be checked: the revocation list of this listener has expired",
	CRL_NOT_YET_VALID: "can't be checked: the revocation list of this listener is not valid yet",
	INVALID_PURPOSE: "is not made for clients",
	DEPTH_ZERO_SELF_SIGNED_CERT: "is not from a CA that this listener trusts",
	SELF_SIGNED_CERT_IN_CHAIN: "is not from a CA that this listener trusts",
	UNABLE_TO_GET_ISSUER_CERT: "is not from a CA that this listener trusts",
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "is not from a CA that this listener trusts",
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: "is not from a CA that this listener trusts",
	CERT_SIGNATURE_FAILURE: "is not from a CA that this listener trusts",
};

/** @returns the rest of a sentence about the client */
export function whyHandshakeFailed(error: Error): string {
	const { code = "" } = error as NodeJS.ErrnoException;
	return handshakeErrors[code] ?? `could not agree on TLS (${code || error.message})`;
}

/** @param code from `TLSSocket.authorizationError`. @returns the rest of a sentence about the client */
export function whyCertificateRefused(code: string): string {
	return `showed a certificate that ${certificateErrors[code] ?? `is not accepted (${code})`}`;
}
