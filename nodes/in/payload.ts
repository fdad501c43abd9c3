/** Turns the bytes of a message into the payload that the node's setting asks for. */

import { isUtf8 } from "node:buffer";
import { FlowbrokerError, type MessageProperties } from "../../broker";
import type { Datatype } from "./properties";

/** Content types for which the sender has said what the payload is; for all others the payload is looked at. */
const contentTypes = {
	text: ["text/css", "text/html", "text/plain", "application/xml"],
	json: ["application/json"],
	binary: [
		"application/octet-stream",
		"application/pdf",
		"application/x-gtar",
		"application/x-gzip",
		"application/x-tar",
		"application/zip",
		"audio/aac",
		"audio/ac3",
		"audio/basic",
		"audio/mp4",
		"audio/ogg",
		"image/bmp",
		"image/gif",
		"image/jpeg",
		"image/tiff",
		"image/png",
	],
} as const;

/**
 * @param bytes shared with others; a payload that stays binary is a copy
 * @throws FlowbrokerError PAYLOAD_INVALID when it has to be JSON and is not
 */
export function payloadOf(bytes: Buffer, datatype: Datatype, properties: MessageProperties = {}): unknown {
	switch (datatype) {
		case "buffer":
			return Buffer.from(bytes);
		case "base64":
			return bytes.toString("base64");
		case "utf8":
			return bytes.toString("utf8");
		case "json":
			if (!properties.payloadFormatIndicator && !isText(bytes)) throw notJson("it is binary");
			return parseJson(bytes.toString("utf8"));
		default:
			return detect(bytes, datatype === "auto-detect", properties);
	}
}

/** @param parse give JSON as what it stands for, not as text */
function detect(bytes: Buffer, parse: boolean, properties: MessageProperties): unknown {
	const contentType = properties.contentType?.toLowerCase() ?? "";
	if (has(contentTypes.binary, contentType)) return Buffer.from(bytes);
	if (has(contentTypes.text, contentType)) return bytes.toString("utf8");
	if (has(contentTypes.json, contentType)) {
		const text = bytes.toString("utf8");
		const value = parseJson(text);
		return parse ? value : text;
	}
	if (!properties.payloadFormatIndicator && !isText(bytes)) return Buffer.from(bytes);
	const text = bytes.toString("utf8");
	return parse ? jsonOrText(text) : text;
}

function has(list: readonly string[], value: string): boolean {
	return list.includes(value);
}

function jsonOrText(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw notJson("it can't be parsed", error);
	}
}

function notJson(why: string, cause?: unknown): FlowbrokerError {
	const sentence = `The payload is not JSON: ${why}. Choose another output in the node, or correct the sender.`;
	return new FlowbrokerError("PAYLOAD_INVALID", sentence, cause);
}

/** UTF-8 without control characters: bytes such as 01 02 are valid UTF-8, but nobody means a text by them. */
function isText(bytes: Buffer): boolean {
	return isUtf8(bytes) && !bytes.some(isControl);
}

function isControl(byte: number): boolean {
	const tabOrLineEnd = byte === 0x09 || byte === 0x0a || byte === 0x0d;
	return (byte < 0x20 && !tabOrLineEnd) || byte === 0x7f;
}
