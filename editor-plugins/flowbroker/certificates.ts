/** Puts certificates that were chosen in a browser, or are made here, into the folder of their broker. */

import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import type { NodeAPI } from "node-red";
import { createCertificates, FlowbrokerError, toFlowbrokerError } from "../../broker";
import type { AdminRequest, Route } from "../../broker/http";

/** What a file is for. */
const parts = { cert: "server.crt", key: "server.key", ca: "clients-ca.crt" } as const;
type Part = keyof typeof parts;

export function certificateRoutes({ settings }: Pick<NodeAPI, "settings">): Route[] {
	const folderOf = (args: AdminRequest["args"]) => folderFor(settings.userDir, args.id);
	return [
		{
			method: "POST",
			path: "/certificates",
			permission: "write",
			handler: ({ args }) => keep(folderOf(args), partOf(args.part), pemOf(args.pem)),
		},
		{
			method: "POST",
			path: "/certificates/made",
			permission: "write",
			handler: ({ args }) => make(folderOf(args)),
		},
	];
}

/** @returns the path for the form. A file with the same content is kept once. */
async function keep(folder: string, part: Part, pem: string): Promise<{ readonly path: string }> {
	check(part, pem);
	const digest = createHash("sha256").update(pem).digest("hex").slice(0, 8);
	// A name of its own: a certificate in use is not changed before the deploy.
	const path = join(folder, `${digest}-${parts[part]}`);
	try {
		await mkdir(folder, { recursive: true, mode: 0o700 });
		await writeFile(path, pem, { mode: 0o600, flag: "wx" });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
			throw toFlowbrokerError(error, "CERTIFICATE_UNWRITABLE", `The file can't be written to the folder ${folder}.`);
		}
	}
	return { path };
}

/** For all names and addresses of this machine. A CA that is there already is used again. */
async function make(folder: string) {
	const hosts = [hostname(), `${hostname()}.local`, "localhost", ...addresses()];
	const { cert, key, ca } = await createCertificates({ hosts: [...new Set(hosts)], out: folder });
	return { certFile: cert, keyFile: key, hosts, ca: await readFile(ca, "utf8") };
}

function addresses(): string[] {
	const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
	return all.filter(({ family }) => family === "IPv4").map(({ address }) => address);
}

function check(part: Part, pem: string): void {
	try {
		if (part === "key") createPrivateKey(pem);
		else new X509Certificate(pem);
	} catch (cause) {
		const kind = part === "key" ? "private key without passphrase" : "certificate";
		throw new FlowbrokerError("CERTIFICATE_INVALID", `The file holds no ${kind} in PEM form.`, cause);
	}
}

function folderFor(userDir: string | undefined, id: unknown): string {
	if (typeof id !== "string" || id === "") throw invalid("the id of the broker's node is missing");
	if (userDir === undefined) throw invalid("this Node-RED has no folder for files");
	return join(userDir, "flowbroker", id.replace(/[^\w-]/g, "-"), "certificates");
}

function partOf(part: unknown): Part {
	if (part === "cert" || part === "key" || part === "ca") return part;
	throw invalid("it is not said what the file is for");
}

function pemOf(pem: unknown): string {
	if (typeof pem === "string" && pem.length <= 1_000_000) return pem;
	throw invalid("the file is missing or too long");
}

function invalid(problem: string): FlowbrokerError {
	return new FlowbrokerError("REQUEST_INVALID", `The certificate can't be kept: ${problem}.`);
}
