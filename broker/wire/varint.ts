/** Variable byte integers: seven bits a byte, the lowest first. [MQTT-1.5.5] */

/** Of one that was checked. */
export function readVarint(bytes: Buffer, at: number): number {
	let value = 0;
	let factor = 1;
	for (let next = at; ; next++) {
		const byte = bytes[next] as number;
		value += (byte & 0x7f) * factor;
		if (byte < 0x80) return value;
		factor *= 128;
	}
}

/** Bytes that it takes: 1 to 4. */
export function varintLength(value: number): number {
	if (value < 128) return 1;
	if (value < 16_384) return 2;
	return value < 2_097_152 ? 3 : 4;
}

/** @returns the offset behind it */
export function writeVarint(bytes: Buffer, at: number, value: number): number {
	let next = at;
	let rest = value;
	while (rest >= 128) {
		bytes[next++] = (rest & 0x7f) | 0x80;
		rest >>>= 7;
	}
	bytes[next++] = rest;
	return next;
}
