/**
 * Makes what a listener with TLS needs: a certificate authority (CA) of the house, once, and a certificate for the
 * broker, as often as it is asked to; and certificates for clients that log in with one.
 */

import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { access, chmod, readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { writeAtomically } from "../access/write-atomically";
import { FlowbrokerError, toFlowbrokerError } from "../errors";
import { whyUnwritable } from "../file-reason";
import { makeFolders } from "../make-folders";
import { type Issued, type Issuer, issueCertificate } from "./certificate";

export interface CreateCertificatesOptions {
	/** Host names and addresses by which clients reach the broker; the first one names the certificate. */
	readonly hosts: readonly string[];
	/** Days that the certificates hold. Default 824: with the day before today it is the most that Apple accepts. */
	readonly days?: number;
	/** The folder; it is made if need be. A CA that is in it is used again. */
	readonly out: string;
	/** User names for which client certificates are made. */
	readonly clients?: readonly string[];
}

/** Paths of what was written. */
export interface CreatedCertificates {
	/** For every client, so that it trusts the broker. */
	readonly ca: string;
	/** To be kept safe: who has it can make certificates that every client trusts. */
	readonly caKey: string;
	readonly cert: string;
	readonly key: string;
	/** False when the CA was there before. */
	readonly newCa: boolean;
	readonly clients: ReadonlyArray<{ readonly user: string; readonly cert: string; readonly key: string }>;
	/** The last moment of the server certificate, in milliseconds since 1970. */
	readonly notAfter: number;
}

const DAY = 86_400_000;
const DEFAULT_DAYS = 824;
/** A new CA has to be carried to every device, so it holds for 20 years. */
const CA_DAYS = 7_300;
/** Longest common name, in characters. [RFC 5280, A.1: ub-common-name] */
const LONGEST_NAME = 64;

/**
 * Keys are only readable by their owner. The server's certificate and key are replaced; nothing of the CA ever is.
 * @throws FlowbrokerError CERTIFICATE_REQUEST_INVALID, CERTIFICATE_CA_UNUSABLE or CERTIFICATE_UNWRITABLE
 */
export async function createCertificates(options: CreateCertificatesOptions): Promise<CreatedCertificates> {
	const { hosts, days = DEFAULT_DAYS, out, clients = [] } = options;
	checkHosts(hosts);
	for (const user of clients) checkUser(user);
	if (!Number.isInteger(days) || days < 1 || days > CA_DAYS) {
		throw invalid(`The number of days must be a whole number from 1 to ${CA_DAYS}, not ${days}.`);
	}
	const paths = { ca: join(out, "ca.pem"), caKey: join(out, "ca-key.pem") };
	await makeFolder(out);
	const found = await findCa(paths.ca, paths.caKey);
	const issuer = found ?? (await makeCa(paths.ca, paths.caKey));
	// Machines without a battery for their clock may be behind.
	const notBefore = new Date(Date.now() - DAY);
	const notAfter = new Date(Math.min(Date.now() + days * DAY, Date.parse(issuer.certificate.validTo)));
	const server = { cert: join(out, "server.pem"), key: join(out, "server-key.pem") };
	const [commonName = ""] = hosts.filter(({ length }) => length <= LONGEST_NAME);
	await write(server, await issueCertificate({ commonName, notBefore, notAfter, usage: "server", hosts, issuer }));
	const made = [];
	for (const user of clients) {
		const client = { cert: join(out, `client-${user}.pem`), key: join(out, `client-${user}-key.pem`) };
		await write(client, await issueCertificate({ commonName: user, notBefore, notAfter, usage: "client", issuer }));
		made.push({ user, ...client });
	}
	return { ...paths, ...server, newCa: found === undefined, clients: made, notAfter: notAfter.getTime() };
}

/** @returns undefined where there is none yet */
async function findCa(certificatePath: string, keyPath: string): Promise<Issuer | undefined> {
	const [hasCertificate, hasKey] = await Promise.all([exists(certificatePath), exists(keyPath)]);
	if (!hasCertificate && !hasKey) return undefined;
	const unusable = (what: string, cause?: unknown) =>
		new FlowbrokerError(
			"CERTIFICATE_CA_UNUSABLE",
			`${what} Restore it from a backup, or choose another folder.`,
			cause,
		);
	if (!hasCertificate)
		throw unusable(`There is a CA's key ${keyPath}, but its certificate ${certificatePath} is missing.`);
	if (!hasKey) throw unusable(`There is a CA's certificate ${certificatePath}, but its key ${keyPath} is missing.`);
	try {
		const certificate = new X509Certificate(await readFile(certificatePath));
		const key = createPrivateKey(await readFile(keyPath));
		if (!certificate.ca || key.asymmetricKeyDetails?.namedCurve !== "prime256v1" || !certificate.checkPrivateKey(key)) {
			throw unusable(`${certificatePath} and ${keyPath} are not a CA that flowbroker has made.`);
		}
		if (Date.parse(certificate.validTo) > Date.now()) return { certificate, key };
	} catch (error) {
		if (error instanceof FlowbrokerError) throw error;
		throw unusable(`The CA in ${certificatePath} and ${keyPath} can't be read: ${(error as Error).message}.`, error);
	}
	throw unusable(`The CA in ${certificatePath} has expired.`);
}

async function makeCa(cert: string, key: string): Promise<Issuer> {
	const ca = await issueCertificate({
		// Two CAs with one name would be taken for one another.
		commonName: `flowbroker CA ${randomBytes(4).toString("hex")}`,
		notBefore: new Date(Date.now() - DAY),
		notAfter: new Date(Date.now() + CA_DAYS * DAY),
		usage: "ca",
	});
	await write({ cert, key }, ca);
	return ca;
}

async function write({ cert, key }: { cert: string; key: string }, issued: Issued): Promise<void> {
	try {
		await writeAtomically(key, issued.keyPem);
		await writeAtomically(cert, issued.certificatePem);
		await chmod(cert, 0o644);
	} catch (error) {
		throw toFlowbrokerError(
			error,
			"CERTIFICATE_UNWRITABLE",
			`${cert} and ${key} can't be written: ${whyUnwritable(error)}.`,
		);
	}
}

async function makeFolder(out: string): Promise<void> {
	try {
		await makeFolders(out, 0o700);
	} catch (error) {
		throw toFlowbrokerError(
			error,
			"CERTIFICATE_UNWRITABLE",
			`The folder ${out} can't be made: ${whyUnwritable(error)}. Name another one.`,
		);
	}
}

function checkHosts(hosts: readonly string[]): void {
	if (hosts.length === 0) throw invalid("Name at least one host name or address by which clients reach the broker.");
	for (const host of hosts) {
		// A wildcard may stand for one whole label at the start. [RFC 6125, 6.4.3]
		const isName = /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(
			host,
		);
		const bad = isIP(host) === 0 ? !isName || host.length > 253 : host.includes("%");
		if (bad) throw invalid(`"${host}" is no host name or address. Write it as clients do, without protocol and port.`);
	}
	if (hosts.every(({ length }) => length > LONGEST_NAME)) {
		throw invalid(`At least one of the host names must have ${LONGEST_NAME} characters or less.`);
	}
}

/** The name is part of file names, and a user name of MQTT. */
function checkUser(user: string): void {
	if (/^[\p{L}\p{N}_][\p{L}\p{N}_.@ -]*$/u.test(user) && user.length <= LONGEST_NAME) return;
	throw invalid(
		`"${user}" can't be the name of a client certificate: use up to ${LONGEST_NAME} letters, digits and _ . @ -.`,
	);
}

async function exists(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false,
	);
}

function invalid(sentence: string): FlowbrokerError {
	return new FlowbrokerError("CERTIFICATE_REQUEST_INVALID", sentence);
}
