/** Puts TLS on connections, and follows changes of the certificate files. */

import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { isDeepStrictEqual } from "node:util";
import { type FlowbrokerError, toFlowbrokerError } from "../errors";
import { CertificateUserProblem, userFromCommonName, userFromSubject } from "./certificate-user";
import { HandshakeProblem } from "./handshake-problem";
import { pemFiles } from "./pem-source";
import { loadTlsMaterial, type TlsMaterial } from "./tls-material";
import type { TlsOptions } from "./tls-options";
import { WatchedFiles } from "./watched-files";
import { whyCertificateRefused, whyHandshakeFailed } from "./why-tls-failed";

export interface SecuredConnection {
	readonly socket: TLSSocket;
	/** Whom the client's certificate names, where that was asked for. */
	readonly certificateUser: string | undefined;
}

interface Waiting {
	readonly resolve: (secured: SecuredConnection) => void;
	readonly reject: (problem: HandshakeProblem) => void;
}

export class TlsLayer {
	readonly #options: TlsOptions;
	/** Seconds. */
	readonly #timeout: number;
	readonly #changed: () => void;
	readonly #files: WatchedFiles;
	/** Handshakes under way, by the ends of their connection: it is all that both of a connection's sockets have. */
	readonly #waiting = new Map<string, Waiting>();
	#server: Server | undefined;
	#material: TlsMaterial | undefined;
	#problem: FlowbrokerError | undefined;
	/** One reading of the files after the other. */
	#reloading: Promise<void> = Promise.resolve();

	/**
	 * @param timeout seconds that a handshake may take
	 * @param changed is told when another certificate is in use, or can't be used
	 */
	constructor(options: TlsOptions, timeout: number, changed: () => void) {
		this.#options = options;
		this.#timeout = timeout;
		this.#changed = changed;
		this.#files = new WatchedFiles(pemFiles(options), {
			changed: () => {
				this.#reloading = this.#reloading.then(() => this.#reload());
			},
			failed: (error) => this.#report(error),
		});
	}

	/** The certificate in use. */
	get material(): TlsMaterial | undefined {
		return this.#material;
	}

	/** Why what is on the disk now is not in use. */
	get problem(): FlowbrokerError | undefined {
		return this.#problem;
	}

	/** @throws FlowbrokerError CERTIFICATE_... when there is nothing to begin with */
	async open(): Promise<void> {
		const material = await loadTlsMaterial(this.#options);
		const server = createServer({
			...material.context,
			requestCert: this.#options.requestCert !== "none",
			// Looked at below, to say why and to let clients without certificate pass where it is optional.
			rejectUnauthorized: false,
			handshakeTimeout: this.#timeout * 1_000,
		});
		server.on("secureConnection", (socket) => this.#secured(socket));
		server.on("tlsClientError", (error, socket) => {
			this.#waiting.get(endsOf(socket))?.reject(new HandshakeProblem("tls", whyHandshakeFailed(error), error));
		});
		this.#server = server;
		this.#material = material;
		this.#problem = undefined;
		this.#files.start();
	}

	async close(): Promise<void> {
		this.#files.stop();
		this.#server = undefined;
		await this.#reloading;
	}

	/** @throws HandshakeProblem */
	secure(socket: Socket): Promise<SecuredConnection> {
		return new Promise((resolve, reject) => {
			const ends = endsOf(socket);
			this.#waiting.set(ends, { resolve, reject });
			socket.once("close", () => {
				this.#waiting.delete(ends);
				reject(new HandshakeProblem("tls", "left during the TLS handshake"));
			});
			// An event that Node documents as the way to hand a server a connection.
			this.#server?.emit("connection", socket);
		});
	}

	#secured(socket: TLSSocket): void {
		// Whoever takes the connection over hears of its end by itself.
		socket.on("error", () => {});
		const waiting = this.#waiting.get(endsOf(socket));
		if (!waiting) {
			socket.destroy();
			return;
		}
		try {
			const certificateUser = this.#checkCertificate(socket);
			waiting.resolve({ socket, certificateUser });
		} catch (error) {
			waiting.reject(asProblem(error));
		}
	}

	/** @returns the user that the certificate names */
	#checkCertificate(socket: TLSSocket): string | undefined {
		const { requestCert, userFrom } = this.#options;
		if (requestCert === "none") return undefined;
		const certificate = socket.getPeerX509Certificate();
		if (!certificate) {
			if (requestCert === "optional") return undefined;
			throw new HandshakeProblem("tls", "showed no certificate, and this listener needs one");
		}
		if (!socket.authorized) {
			throw new HandshakeProblem("tls", whyCertificateRefused(String(socket.authorizationError)));
		}
		if (userFrom === "none") return undefined;
		return userFrom === "cn" ? userFromCommonName(socket.getPeerCertificate()) : userFromSubject(certificate.subject);
	}

	async #reload(): Promise<void> {
		try {
			const material = await loadTlsMaterial(this.#options);
			const same = !this.#problem && isDeepStrictEqual(material, this.#material);
			if (same || !this.#server) return;
			this.#server.setSecureContext(material.context);
			this.#material = material;
			this.#problem = undefined;
			this.#changed();
		} catch (error) {
			this.#report(toFlowbrokerError(error, "CERTIFICATE_INVALID", "A new certificate can't be used."));
		}
	}

	#report(problem: FlowbrokerError): void {
		if (!this.#server || this.#problem?.message === problem.message) return;
		this.#problem = problem;
		this.#changed();
	}
}

function endsOf(socket: Socket): string {
	return [socket.remoteAddress, socket.remotePort, socket.localAddress, socket.localPort].join(" ");
}

function asProblem(error: unknown): HandshakeProblem {
	if (error instanceof HandshakeProblem) return error;
	if (error instanceof CertificateUserProblem)
		return new HandshakeProblem("tls", `can't be logged in: ${error.message}`);
	return new HandshakeProblem("tls", "could not be checked", error);
}
