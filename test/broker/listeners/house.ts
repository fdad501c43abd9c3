/** A CA with all the certificates that a test of TLS needs, made by our own library in a folder of its own. */

import type { X509Certificate } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	type Issued,
	type Issuer,
	issueCertificate,
	signatureAlgorithm,
	signed,
	subjectOf,
} from "../../../broker/certs/certificate";
import { integer, sequence, time } from "../../../broker/certs/der";

const DAY = 86_400_000;

export interface House extends AsyncDisposable {
	readonly folder: string;
	readonly ca: Issued;
	/** For the settings of a listener. */
	readonly files: { readonly certFile: string; readonly keyFile: string };
	readonly caFile: string;
	/** Writes a new server certificate over the one that is there. */
	renew(commonName: string): Promise<Issued>;
	/** @param daysLeft negative for a certificate that has expired */
	client(commonName: string, daysLeft?: number): Promise<Issued>;
	/** Writes a revocation list and gives its path. */
	revoke(...certificates: X509Certificate[]): Promise<string>;
}

export async function makeHouse(): Promise<House> {
	const folder = await mkdtemp(join(tmpdir(), "flowbroker-tls-"));
	const ca = await issueCertificate({ commonName: "test CA", ...dates(10), usage: "ca" });
	const caFile = join(folder, "ca.pem");
	const files = { certFile: join(folder, "server.pem"), keyFile: join(folder, "server-key.pem") };
	await writeFile(caFile, ca.certificatePem);
	const house: House = {
		folder,
		ca,
		files,
		caFile,
		renew: async (commonName) => {
			const server = await issueCertificate({
				commonName,
				...dates(10),
				usage: "server",
				hosts: ["localhost", "127.0.0.1", "::1"],
				issuer: ca,
			});
			await writeFile(files.keyFile, server.keyPem);
			await writeFile(files.certFile, server.certificatePem);
			return server;
		},
		client: (commonName, daysLeft = 10) =>
			issueCertificate({ commonName, ...dates(daysLeft), usage: "client", issuer: ca }),
		revoke: async (...certificates) => {
			const path = join(folder, "crl.pem");
			await writeFile(path, revocationList(ca, certificates));
			return path;
		},
		[Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
	};
	await house.renew("first");
	return house;
}

function dates(daysLeft: number): { notBefore: Date; notAfter: Date } {
	const notAfter = new Date(Date.now() + daysLeft * DAY);
	return { notBefore: new Date(Math.min(Date.now(), notAfter.getTime()) - DAY), notAfter };
}

/** RFC 5280, 5.1, of version 1. */
function revocationList({ certificate, key }: Issuer, revoked: readonly X509Certificate[]): string {
	const now = time(new Date(Date.now() - DAY));
	const body = sequence(
		signatureAlgorithm,
		subjectOf(certificate),
		now,
		time(new Date(Date.now() + 10 * DAY)),
		...(revoked.length === 0
			? []
			: [sequence(...revoked.map(({ serialNumber }) => sequence(integer(Buffer.from(serialNumber, "hex")), now)))]),
	);
	const lines =
		signed(body, key)
			.toString("base64")
			.match(/.{1,64}/g) ?? [];
	return `-----BEGIN X509 CRL-----\n${lines.join("\n")}\n-----END X509 CRL-----\n`;
}
