/** Learns from a trusted proxy where a connection really comes from. */

import type { Socket } from "node:net";
import { HandshakeProblem } from "./handshake-problem";
import { type ProxiedSource, readProxyHeader } from "./proxy-header";
import { TrustedAddresses } from "./trusted-addresses";

export class ProxyProtocol {
	readonly #trusted: TrustedAddresses;

	/** @param trusted addresses and networks of proxies */
	constructor(trusted: readonly string[]) {
		this.#trusted = new TrustedAddresses(trusted);
	}

	/**
	 * Takes the PROXY header off the connection; what is behind it can be read as if nothing had happened.
	 * @param address of the other end of the socket
	 * @returns undefined where the connection comes from `address` itself
	 * @throws HandshakeProblem when somebody trusted sends no good header, or somebody else sends one
	 */
	read(socket: Socket, address: string): Promise<ProxiedSource | undefined> {
		const trusted = this.#trusted.has(address);
		let bytes: Buffer = Buffer.alloc(0);
		return new Promise((resolve, reject) => {
			const done = () => {
				socket.off("readable", more);
				socket.off("close", left);
			};
			const left = () => {
				done();
				reject(new HandshakeProblem("proxy", "left before it sent a PROXY header"));
			};
			const more = () => {
				const chunk = socket.read() as Buffer | null;
				if (!chunk) return;
				bytes = Buffer.concat([bytes, chunk]);
				const header = readProxyHeader(bytes);
				if (header.kind === "incomplete") return;
				done();
				const problem = whyNot(header.kind, trusted);
				if (problem) {
					reject(new HandshakeProblem("proxy", problem));
					return;
				}
				const size = header.kind === "header" ? header.size : 0;
				if (bytes.length > size) socket.unshift(bytes.subarray(size));
				resolve(header.kind === "header" ? header.source : undefined);
			};
			socket.on("readable", more);
			socket.once("close", left);
		});
	}
}

function whyNot(kind: "header" | "absent" | "broken", trusted: boolean): string | undefined {
	if (!trusted) {
		if (kind === "absent") return undefined;
		return "sent a PROXY header, but is not trusted: add its address to proxyProtocol.trusted if it is your proxy";
	}
	if (kind === "header") return undefined;
	const what = kind === "absent" ? "sent no PROXY header" : "sent a PROXY header that is broken";
	return `${what}, although it is in proxyProtocol.trusted: switch the PROXY protocol on in the proxy`;
}
