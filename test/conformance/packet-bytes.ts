/** Takes packets from bytes without understanding them. */

/** The first whole packet in the bytes; undefined while it is not complete. */
export function packetBytes(bytes: Buffer): Buffer | undefined {
	let length = 0;
	for (let at = 1; at < bytes.length && at <= 4; at++) {
		const byte = bytes[at] as number;
		length += (byte & 0x7f) * 128 ** (at - 1);
		if (byte < 0x80) {
			const end = at + 1 + length;
			return bytes.length >= end ? bytes.subarray(0, end) : undefined;
		}
	}
	return undefined;
}
