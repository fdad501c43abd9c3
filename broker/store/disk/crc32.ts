/** CRC-32 as in zip and PNG; `zlib.crc32` is not in Node 20. */

const POLYNOMIAL = 0xedb8_8320;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
	let value = byte;
	for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
	return value;
});

/** @param before of the bytes in front of these */
export function crc32(bytes: Uint8Array, before = 0): number {
	let crc = ~before;
	for (let index = 0; index < bytes.length; index++) {
		crc = (table[(crc ^ (bytes[index] as number)) & 0xff] as number) ^ (crc >>> 8);
	}
	return ~crc >>> 0;
}
