/** Reads a whole export: every line of it, or nothing. */

import type { StoreRecord } from "../record";
import { Fields, LineProblem } from "./fields";
import { parseRecord } from "./parse-record";

/** @throws LineProblem that names the line */
export function parseExport(text: string): StoreRecord[] {
	const lines = text.split(/\r?\n/).flatMap((line, at) => (line.trim() === "" ? [] : [{ line, number: at + 1 }]));
	const first = lines.shift();
	const last = lines.pop();
	if (!first || !last) throw new LineProblem("It is no export of a store: a first and a last line are missing");
	at(first, (fields) => {
		if (fields.text("kind") !== "store")
			throw new LineProblem('it must be the first line of an export: "kind" is "store"');
		fields.whole("version", 1, 1);
	});
	const reader = new ExportReader();
	const records = lines.map((line) => at(line, (fields) => reader.record(fields)));
	at(last, (fields) => {
		if (fields.text("kind") !== "end")
			throw new LineProblem('the last line, with "kind":"end", is missing: the file may be cut off');
		const count = fields.whole("records", 0, Number.MAX_SAFE_INTEGER);
		if (count !== records.length) throw new LineProblem(`"records" says ${count}, and there are ${records.length}`);
	});
	return records;
}

/** Looks at what goes beyond one line. */
class ExportReader {
	readonly #sessions = new Set<string>();
	/** A payload that waits for many sessions is to be in memory once. */
	readonly #payloads = new Map<string, Buffer>();

	record(fields: Fields): StoreRecord {
		const record = parseRecord(fields);
		if (record.kind === "session" || record.kind === "subscribed") this.#sessions.add(record.clientId);
		else if (isOfSession(record) && !this.#sessions.has(record.clientId)) {
			throw new LineProblem(
				`no line with "kind":"session" is before it for the client ${JSON.stringify(record.clientId)}`,
			);
		}
		if (record.kind === "queued") this.#share(record.entry);
		return record;
	}

	#share({ key, message }: { readonly key: string; readonly message: { payload: Buffer } }): void {
		const before = this.#payloads.get(key);
		if (before?.equals(message.payload)) message.payload = before;
		else this.#payloads.set(key, message.payload);
	}
}

function isOfSession(record: StoreRecord): record is StoreRecord & { kind: "away" | "queued" | "received" } {
	return record.kind === "away" || record.kind === "queued" || record.kind === "received";
}

/** @throws LineProblem with the number of the line in front */
function at<T>({ line, number }: { readonly line: string; readonly number: number }, read: (fields: Fields) => T): T {
	try {
		return read(new Fields(parsed(line)));
	} catch (error) {
		if (!(error instanceof LineProblem)) throw error;
		throw new LineProblem(`Line ${number}: ${error.message}`);
	}
}

function parsed(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		throw new LineProblem("it is no JSON");
	}
}
