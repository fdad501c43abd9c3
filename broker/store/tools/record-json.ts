/** Records as objects of JSON that people can read and change: one line each in the export of a store. */

import type { MessageProperties } from "../../message";
import type { StoreRecord } from "../record";
import type { StoredMessage } from "../store";

/** The first line of an export. */
export interface ExportHead {
	readonly kind: "store";
	/** Of the form of the lines. */
	readonly version: 1;
	/** As in `2026-11-21T13:00:00.000Z`. */
	readonly exportedAt: string;
}

/** The last line: without it the file was cut off. */
export interface ExportEnd {
	readonly kind: "end";
	/** Lines between the first and the last. */
	readonly records: number;
}

/** @param record one of those that a whole state is made of: a change such as `sent` is part of its message then */
export function jsonOf(record: StoreRecord): object {
	switch (record.kind) {
		case "retained":
			return { kind: record.kind, ...messageJson(record.message) };
		case "away": {
			const { kind, clientId, expiresAt } = record;
			return { kind, clientId, expiresAt: expiresAt === null ? null : dateText(expiresAt) };
		}
		case "subscribed":
			return { kind: record.kind, clientId: record.clientId, ...record.subscription };
		case "queued": {
			const { key, packetId, released, message } = record.entry;
			const sent = packetId === undefined ? {} : { packetId, released };
			return { kind: record.kind, clientId: record.clientId, key, ...sent, ...messageJson(message) };
		}
		case "will": {
			const { delay, user, ...message } = record.will;
			return { kind: record.kind, clientId: record.clientId, delay, user, ...messageJson(message) };
		}
		default:
			return record;
	}
}

function messageJson({ topic, payload, qos, retain, expiresAt, properties }: StoredMessage): object {
	return {
		topic,
		...payloadJson(payload),
		qos,
		retain,
		...(expiresAt !== undefined && { expiresAt: dateText(expiresAt) }),
		...(properties && { properties: propertiesJson(properties) }),
	};
}

/** As text where it is text: what is not comes back byte for byte, too. */
function payloadJson(payload: Buffer): object {
	const text = payload.toString();
	return Buffer.from(text).equals(payload) ? { payload: text } : { payloadBase64: payload.toString("base64") };
}

function propertiesJson({ correlationData, ...others }: MessageProperties): object {
	return correlationData ? { ...others, correlationData: correlationData.toString("base64") } : others;
}

function dateText(milliseconds: number): string {
	return new Date(milliseconds).toISOString();
}
