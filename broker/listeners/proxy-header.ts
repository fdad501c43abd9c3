/** Reads the header of the PROXY protocol, version 1 and 2 (haproxy.org/download/2.9/doc/proxy-protocol.txt). */

import { isIPv4, isIPv6 } from "node:net";

/** Where a client comes from, as a proxy says. */
export interface ProxiedSource {
	readonly address: string;
	readonly port: number;
}

/**
 * `incomplete`: more bytes are needed. `absent`: this is no PROXY header. `source` is undefined where the proxy speaks
 * for itself, as in its health checks.
 */
export type ProxyHeader =
	| { readonly kind: "header"; readonly size: number; readonly source: ProxiedSource | undefined }
	| { readonly kind: "incomplete" }
	| { readonly kind: "absent" }
	| { readonly kind: "broken" };

const INCOMPLETE: ProxyHeader = { kind: "incomplete" };
const ABSENT: ProxyHeader = { kind: "absent" };
const BROKEN: ProxyHeader = { kind: "broken" };

const START_1 = Buffer.from("PROXY ");
/** Section 2.1: the longest line of version 1, with its end. */
const LONGEST_1 = 107;
const START_2 = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
/** Bytes of version 2 before the addresses: signature, command, family, length. */
const FIXED_2 = 16;
/** Bytes behind them that are accepted: addresses take 216 at the most, the rest is extensions. */
const LONGEST_2 = 4_096;

/** @param bytes all that has come so far */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
	if (bytes.length === 0) return INCOMPLETE;
	if (startsLike(bytes, START_1)) return bytes.length < START_1.length ? INCOMPLETE : readLine(bytes);
	if (startsLike(bytes, START_2)) return bytes.length < FIXED_2 ? INCOMPLETE : readBinary(bytes);
	return ABSENT;
}

function startsLike(bytes: Buffer, start: Buffer): boolean {
	const length = Math.min(bytes.length, start.length);
	return bytes.subarray(0, length).equals(start.subarray(0, length));
}

function readLine(bytes: Buffer): ProxyHeader {
	const end = bytes.subarray(0, LONGEST_1).indexOf("\r\n");
	if (end === -1) return bytes.length < LONGEST_1 ? INCOMPLETE : BROKEN;
	const size = end + 2;
	const [, family, address = "", to = "", port = "", toPort = "", ...more] = bytes
		.toString("latin1", 0, end)
		.split(" ");
	if (family === "UNKNOWN") return { kind: "header", size, source: undefined };
	const isAddress = family === "TCP4" ? isIPv4 : family === "TCP6" ? isIPv6 : undefined;
	const good = isAddress?.(address) && isAddress(to) && isPort(port) && isPort(toPort) && more.length === 0;
	return good ? { kind: "header", size, source: { address, port: Number(port) } } : BROKEN;
}

function isPort(text: string): boolean {
	return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

function readBinary(bytes: Buffer): ProxyHeader {
	const versionAndCommand = bytes.readUInt8(12);
	const length = bytes.readUInt16BE(14);
	const isProxy = versionAndCommand === 0x21;
	// 0x20 is LOCAL: the proxy connects for itself. Whatever stands behind it has no meaning.
	if ((!isProxy && versionAndCommand !== 0x20) || length > LONGEST_2) return BROKEN;
	const size = FIXED_2 + length;
	if (bytes.length < size) return INCOMPLETE;
	if (!isProxy) return { kind: "header", size, source: undefined };
	return readAddresses(bytes.readUInt8(13), bytes.subarray(FIXED_2, size), size);
}

function readAddresses(family: number, addresses: Buffer, size: number): ProxyHeader {
	switch (family >> 4) {
		case 1:
			if (addresses.length < 12) return BROKEN;
			return header(size, [...addresses.subarray(0, 4)].join("."), addresses.readUInt16BE(8));
		case 2:
			if (addresses.length < 36) return BROKEN;
			return header(size, ipv6(addresses.subarray(0, 16)), addresses.readUInt16BE(32));
		case 0:
		case 3:
			// Unspecified, or a socket file on the proxy's machine: there is no address to learn.
			return { kind: "header", size, source: undefined };
		default:
			return BROKEN;
	}
}

function header(size: number, address: string, port: number): ProxyHeader {
	return { kind: "header", size, source: { address, port } };
}

/** The short form: as in `2001:db8::1`. */
function ipv6(bytes: Buffer): string {
	const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(2 * at).toString(16));
	return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
