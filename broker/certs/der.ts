/** Writes the encoding of certificates: DER (ITU-T X.690), as much of it as certificates need. */

/** Tags of X.690, 8.1.2; a constructed one has 0x20 added. */
const tag = {
	boolean: 0x01,
	integer: 0x02,
	bitString: 0x03,
	octetString: 0x04,
	oid: 0x06,
	utf8String: 0x0c,
	utcTime: 0x17,
	generalizedTime: 0x18,
	sequence: 0x30,
	set: 0x31,
} as const;

/** The first year that a two-digit year can't stand for. [RFC 5280, 4.1.2.5] */
const YEAR_OF_FOUR_DIGITS = 2050;

export function sequence(...parts: readonly Buffer[]): Buffer {
	return element(tag.sequence, ...parts);
}

export function set(...parts: readonly Buffer[]): Buffer {
	return element(tag.set, ...parts);
}

export function octetString(content: Buffer): Buffer {
	return element(tag.octetString, content);
}

/** @param unused how many bits of the last byte have no meaning */
export function bitString(content: Buffer, unused = 0): Buffer {
	return element(tag.bitString, Buffer.from([unused]), content);
}

export function utf8String(text: string): Buffer {
	return element(tag.utf8String, Buffer.from(text));
}

export function boolean(value: boolean): Buffer {
	return element(tag.boolean, Buffer.from([value ? 0xff : 0]));
}

/** @param bytes of a number that is not negative, the highest first */
export function integer(bytes: Buffer): Buffer {
	let at = 0;
	while (at < bytes.length - 1 && bytes[at] === 0) at++;
	const short = bytes.subarray(at);
	// A number that starts with a set bit would be negative.
	return element(tag.integer, ...((short[0] ?? 0) >= 0x80 ? [Buffer.from([0])] : []), short);
}

/** @param dotted as in `2.5.4.3` */
export function oid(dotted: string): Buffer {
	const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
	return element(tag.oid, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
}

export function time(date: Date): Buffer {
	const digits = date
		.toISOString()
		.replace(/\.\d+Z$/, "Z")
		.replace(/[-:T]/g, "");
	const long = date.getUTCFullYear() >= YEAR_OF_FOUR_DIGITS;
	return element(long ? tag.generalizedTime : tag.utcTime, Buffer.from(long ? digits : digits.slice(2)));
}

/** A field that is known by its number only. @param constructed does it hold other elements? */
export function field(number: number, constructed: boolean, ...parts: readonly Buffer[]): Buffer {
	return element((constructed ? 0xa0 : 0x80) | number, ...parts);
}

/** The elements that a sequence holds, each with its tag and length. @param bytes of one whole sequence */
export function elementsOf(bytes: Buffer): Buffer[] {
	const { start, end } = contentOf(bytes, 0);
	const found: Buffer[] = [];
	for (let at = start; at < end; ) {
		const next = contentOf(bytes, at).end;
		found.push(bytes.subarray(at, next));
		at = next;
	}
	return found;
}

function element(tagByte: number, ...parts: readonly Buffer[]): Buffer {
	const content = Buffer.concat(parts);
	return Buffer.concat([Buffer.from([tagByte, ...lengthBytes(content.length)]), content]);
}

function lengthBytes(length: number): number[] {
	if (length < 0x80) return [length];
	const bytes: number[] = [];
	for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
	return [0x80 | bytes.length, ...bytes];
}

function base128(number: number): number[] {
	const bytes = [number & 0x7f];
	for (let left = number >> 7; left > 0; left >>= 7) bytes.unshift(0x80 | (left & 0x7f));
	return bytes;
}

/** Where the content of the element at `at` lies. */
function contentOf(bytes: Buffer, at: number): { start: number; end: number } {
	const first = bytes.readUInt8(at + 1);
	if (first < 0x80) return { start: at + 2, end: at + 2 + first };
	const count = first & 0x7f;
	const start = at + 2 + count;
	return { start, end: start + bytes.readUIntBE(at + 2, count) };
}
