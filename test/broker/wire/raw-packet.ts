/** Builds packets byte by byte, right or wrong. */

/** A number is one byte, a string a text with its two length bytes, a list any of these in turn. */
export type Part = number | string | Buffer | readonly Part[];

export function bytes(...parts: readonly Part[]): Buffer {
	return Buffer.concat(parts.map(one));
}

/** A packet whose length is right. */
export function raw(firstByte: number, ...parts: readonly Part[]): Buffer {
	const body = bytes(...parts);
	return bytes(firstByte, varint(body.length), body);
}

/** A property section whose length is right. */
export function props(...parts: readonly Part[]): Buffer {
	const body = bytes(...parts);
	return bytes(varint(body.length), body);
}

export function varint(value: number): Buffer {
	const made: number[] = [];
	let rest = value;
	do {
		made.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
		rest = Math.floor(rest / 128);
	} while (rest > 0);
	return Buffer.from(made);
}

function one(part: Part): Buffer {
	if (typeof part === "number") return Buffer.from([part]);
	if (Buffer.isBuffer(part)) return part;
	if (typeof part !== "string") return bytes(...(part as readonly Part[]));
	const text = Buffer.from(part);
	return Buffer.concat([Buffer.from([text.length >> 8, text.length & 0xff]), text]);
}
