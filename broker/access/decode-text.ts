/** The bytes of a file as text; `undefined` when they are not UTF-8. A byte order mark is kept. */
export function decodeText(bytes: Buffer): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		return undefined;
	}
}
