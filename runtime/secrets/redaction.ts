/** Keeps the secrets of a flow out of what the command prints, whoever wrote them into a message. */

import { types } from "node:util";
import type { NodeCredentials } from "./node-red-credentials";

/** Shorter ones would make holes in words that have nothing to do with them. */
const shortest = 4;

const mask = "***";

/** These are no secrets, and people look for them in the log. */
const openField = /^(?:.*user(?:_?name|_?id)?|login|host)$/i;

/** The secrets of a flow, as they stand now and as they were before: a late message may still hold an old one. */
export class Redaction {
	/** The longest first: one may be a part of another. */
	#secrets: readonly string[] = [];

	add(credentials: NodeCredentials): void {
		const all = new Set([...this.#secrets, ...Object.values(credentials).flatMap(secretTexts)]);
		this.#secrets = [...all].sort((one, other) => other.length - one.length);
	}

	/** The text with a mask in the place of every secret. */
	text(text: string): string {
		return this.#secrets.reduce((masked, secret) => masked.replaceAll(secret, mask), text);
	}

	/** Masks the messages and stacks of an error and of all that caused it. @returns the same error */
	error(error: unknown): unknown {
		if (typeof error === "string") return this.text(error);
		if (!types.isNativeError(error)) return error;
		error.message = this.text(error.message);
		if (error.stack !== undefined) error.stack = this.text(error.stack);
		if (error instanceof AggregateError) error.errors = error.errors.map((one: unknown) => this.error(one));
		error.cause = this.error(error.cause);
		return error;
	}
}

/** A key or certificate has several lines, and the log shows one at a time. */
function secretTexts(fields: Readonly<Record<string, unknown>>): string[] {
	return Object.entries(fields).flatMap(([field, value]) => {
		if (typeof value === "object" && value !== null) return secretTexts(value as Record<string, unknown>);
		if (typeof value !== "string" || openField.test(field)) return [];
		return [value, ...value.split(/\r?\n/)].filter((text) => text.length >= shortest && !text.startsWith("-----"));
	});
}
