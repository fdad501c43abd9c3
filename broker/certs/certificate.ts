/** Makes X.509 certificates with keys on the curve P-256. [RFC 5280] */

import {
	createHash,
	createPublicKey,
	generateKeyPair,
	type KeyObject,
	randomBytes,
	sign,
	X509Certificate,
} from "node:crypto";
import { isIP, isIPv4 } from "node:net";
import { promisify } from "node:util";
import {
	bitString,
	boolean,
	elementsOf,
	field,
	integer,
	octetString,
	oid,
	sequence,
	set,
	time,
	utf8String,
} from "./der";

/** Who signs. */
export interface Issuer {
	readonly key: KeyObject;
	readonly certificate: X509Certificate;
}

export interface CertificateRequest {
	readonly commonName: string;
	readonly notBefore: Date;
	readonly notAfter: Date;
	readonly usage: "ca" | "server" | "client";
	/** Host names and addresses of a server. */
	readonly hosts?: readonly string[];
	/** Default: the certificate signs itself. */
	readonly issuer?: Issuer;
}

export interface Issued extends Issuer {
	/** PEM. */
	readonly certificatePem: string;
	/** PEM, not encrypted. */
	readonly keyPem: string;
}

const OID = {
	commonName: "2.5.4.3",
	ecdsaWithSha256: "1.2.840.10045.4.3.2",
	subjectKeyIdentifier: "2.5.29.14",
	keyUsage: "2.5.29.15",
	subjectAltName: "2.5.29.17",
	basicConstraints: "2.5.29.19",
	authorityKeyIdentifier: "2.5.29.35",
	extendedKeyUsage: "2.5.29.37",
	serverAuth: "1.3.6.1.5.5.7.3.1",
	clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

/** Key usage as bits from the left, with how many bits at the end are unused. [RFC 5280, 4.2.1.3] */
const SIGNS_CERTIFICATES_AND_CRLS = bitString(Buffer.from([0b0000_0110]), 1);
const SIGNS_DATA = bitString(Buffer.from([0b1000_0000]), 7);

const DNS_NAME = 2;
const IP_ADDRESS = 7;
/** Bytes of a serial number: unique without a list of those given out. [RFC 5280, 4.1.2.2] */
const SERIAL = 16;
/** SHA-256 signed with ECDSA: what every signature here is made with. */
export const signatureAlgorithm = sequence(oid(OID.ecdsaWithSha256));

/** Makes a key and a certificate for it. */
export async function issueCertificate(request: CertificateRequest): Promise<Issued> {
	const { publicKey, privateKey } = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
	const signer = request.issuer?.key ?? privateKey;
	const issuerName = request.issuer ? subjectOf(request.issuer.certificate) : name(request.commonName);
	const body = sequence(
		field(0, true, integer(Buffer.from([2]))),
		integer(serialNumber()),
		signatureAlgorithm,
		issuerName,
		sequence(time(request.notBefore), time(request.notAfter)),
		name(request.commonName),
		publicKey.export({ type: "spki", format: "der" }),
		field(3, true, sequence(...extensions(request, publicKey, signer))),
	);
	const certificate = new X509Certificate(signed(body, signer));
	return {
		key: privateKey,
		certificate,
		certificatePem: certificate.toString(),
		keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
	};
}

/** The name of a certificate's owner, byte for byte as it stands there: some devices compare no other way. */
export function subjectOf(certificate: X509Certificate): Buffer {
	const [body] = elementsOf(certificate.raw);
	// Version, serial number, algorithm, issuer, validity, subject.
	const subject = body && elementsOf(body)[5];
	if (!subject) throw new Error("not a certificate of version 3");
	return subject;
}

/** @param body of a certificate or a revocation list */
export function signed(body: Buffer, key: KeyObject): Buffer {
	return sequence(body, signatureAlgorithm, bitString(sign("sha256", body, key)));
}

function name(commonName: string): Buffer {
	return sequence(set(sequence(oid(OID.commonName), utf8String(commonName))));
}

/** Random, and without a first bit that could be taken for a sign. */
function serialNumber(): Buffer {
	const bytes = randomBytes(SERIAL);
	bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
	return bytes;
}

function extensions(request: CertificateRequest, publicKey: KeyObject, signer: KeyObject): Buffer[] {
	const { usage, hosts = [] } = request;
	const isCa = usage === "ca";
	const all = [
		// A CA that signs no further CAs: its chains are one long.
		extension(OID.basicConstraints, true, isCa ? sequence(boolean(true), integer(Buffer.from([0]))) : sequence()),
		extension(OID.keyUsage, true, isCa ? SIGNS_CERTIFICATES_AND_CRLS : SIGNS_DATA),
		extension(OID.subjectKeyIdentifier, false, octetString(keyIdentifier(publicKey))),
		extension(OID.authorityKeyIdentifier, false, sequence(field(0, false, keyIdentifier(createPublicKey(signer))))),
	];
	if (!isCa) {
		const purpose = usage === "server" ? OID.serverAuth : OID.clientAuth;
		all.push(extension(OID.extendedKeyUsage, false, sequence(oid(purpose))));
	}
	if (hosts.length > 0) all.push(extension(OID.subjectAltName, false, sequence(...hosts.map(alternativeName))));
	return all;
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
	return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** The hash of the public key's bits. [RFC 5280, 4.2.1.2 (1)] */
function keyIdentifier(publicKey: KeyObject): Buffer {
	const [, key] = elementsOf(publicKey.export({ type: "spki", format: "der" }));
	// Behind tag, length and the number of unused bits there are 65 bytes: one for the form, 32 for x, 32 for y.
	return createHash("sha1")
		.update((key ?? Buffer.alloc(0)).subarray(-65))
		.digest();
}

function alternativeName(host: string): Buffer {
	return isIP(host) === 0 ? field(DNS_NAME, false, Buffer.from(host)) : field(IP_ADDRESS, false, addressBytes(host));
}

function addressBytes(address: string): Buffer {
	if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
	const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
	const front = groups(head);
	const back = groups(tail ?? "");
	const bytes = Buffer.alloc(16);
	for (const [at, group] of front.entries()) bytes.writeUInt16BE(group, 2 * at);
	for (const [at, group] of back.entries()) bytes.writeUInt16BE(group, 16 - 2 * (back.length - at));
	return bytes;
}

function groups(text: string): number[] {
	return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}
