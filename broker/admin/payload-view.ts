/** Payloads as JSON can carry them. */

/** The beginning of a payload. */
export interface PayloadView {
	readonly payload: string;
	readonly encoding: "text" | "base64";
	/** Bytes of the whole payload. */
	readonly size: number;
	/** True when `payload` is only its beginning. */
	readonly truncated: boolean;
}

/** Bytes of a payload that are shown: a page of a list may have a thousand. */
const SHOWN = 4_096;

/** @param size bytes of the whole payload, where the given one is only its beginning */
export function payloadView(payload: Buffer, size = payload.length): PayloadView {
	const shown = payload.subarray(0, SHOWN);
	const truncated = size > shown.length;
	try {
		// A character that is cut at the end is left out, not an error.
		const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(shown, { stream: truncated });
		return { payload: text, encoding: "text", size, truncated };
	} catch {
		return { payload: shown.toString("base64"), encoding: "base64", size, truncated };
	}
}
