/** Keeps the secrets of a flow out of what the command prints, whoever wrote them into a message. */

import type { NodeCredentials } from "./node-red-credentials";

/** Shorter ones would make holes in words that have nothing to do with them. */
const shortest = 4;

const mask = "***";

/** These are no secrets, and people look for them in the log. */
const openField = /^(?:.*user(?:_?name|_?id)?|login|host)$/i;

/** @returns a function that masks the secrets in a text */
export function redactor(credentials: NodeCredentials): (text: string) => string {
	const secrets = [...new Set(Object.values(credentials).flatMap(secretTexts))];
	// The longest first: one may be a part of another.
	secrets.sort((one, other) => other.length - one.length);
	return (text) => secrets.reduce((masked, secret) => masked.replaceAll(secret, mask), text);
}

/** Masks the secrets in the messages and stacks of an error and of all that caused it. @returns the same error */
export function redactError(error: unknown, redact: (text: string) => string): unknown {
	if (!(error instanceof Error)) return typeof error === "string" ? redact(error) : error;
	error.message = redact(error.message);
	if (error.stack !== undefined) error.stack = redact(error.stack);
	if (error instanceof AggregateError) for (const one of error.errors) redactError(one, redact);
	redactError(error.cause, redact);
	return error;
}

/** A key or certificate has several lines, and the log shows one at a time. */
function secretTexts(fields: Readonly<Record<string, unknown>>): string[] {
	return Object.entries(fields).flatMap(([field, value]) => {
		if (typeof value === "object" && value !== null) return secretTexts(value as Record<string, unknown>);
		if (typeof value !== "string" || openField.test(field)) return [];
		return [value, ...value.split(/\r?\n/)].filter((text) => text.length >= shortest && !text.startsWith("-----"));
	});
}
