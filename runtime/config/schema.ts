/** The JSON schema of the configuration file, for editors that check and complete what people type. */

import { type SettingKind, settings } from "./settings";

/** Where the published package has it. */
export const schemaAddress = "https://unpkg.com/@flowbroker/node-red/dist/runtime/config/flowbroker.schema.json";

/** flowbroker.schema.json holds the same; a test compares them. */
export function configSchema(): object {
	return {
		$schema: "http://json-schema.org/draft-07/schema#",
		$id: schemaAddress,
		title: "Configuration of flowbroker run",
		type: "object",
		additionalProperties: false,
		properties: {
			$schema: { type: "string" },
			...Object.fromEntries(
				settings.map(({ key, kind, otherwise, help }) => [
					key,
					{
						description: help,
						...typeOf(kind),
						...(otherwise !== undefined && { default: defaultOf(kind, otherwise) }),
					},
				]),
			),
		},
	};
}

function typeOf(kind: SettingKind): object {
	if (typeof kind !== "string") return { enum: kind };
	if (kind === "paths") return { type: "array", items: { type: "string", minLength: 1 }, minItems: 1 };
	if (kind === "flag") return { type: "boolean" };
	if (kind === "port") return { type: "integer", minimum: 0, maximum: 65_535 };
	if (kind === "number") return { type: "integer", minimum: 1, maximum: 999_999 };
	return { type: "string", minLength: 1 };
}

function defaultOf(kind: SettingKind, text: string): unknown {
	return kind === "flag" || kind === "port" || kind === "number" ? JSON.parse(text) : text;
}
