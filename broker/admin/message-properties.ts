/** What MQTT 5 adds to a message, as JSON can carry it. */

import type { MessageProperties } from "../message";
import { isTopicName } from "../topic";
import { type Arguments, invalidArgument, known, optionalText, trueOrFalse, whole } from "./arguments";

/** Correlation data is base64 where it is no text. */
export interface PropertiesView {
	readonly payloadFormatIndicator?: boolean;
	/** Seconds. */
	readonly messageExpiryInterval?: number;
	readonly responseTopic?: string;
	readonly correlationData?: { readonly text: string } | { readonly base64: string };
	readonly contentType?: string;
	/** In their order; a name may stand there more than once. */
	readonly userProperties?: ReadonlyArray<readonly [name: string, value: string]>;
}

/** What may be said in a request. Correlation data is taken as text. */
export interface PropertiesChoice {
	readonly payloadFormatIndicator?: boolean;
	readonly messageExpiryInterval?: number;
	readonly responseTopic?: string;
	readonly correlationData?: string;
	readonly contentType?: string;
	readonly userProperties?: ReadonlyArray<readonly [name: string, value: string]>;
}

const names = [
	"payloadFormatIndicator",
	"messageExpiryInterval",
	"responseTopic",
	"correlationData",
	"contentType",
	"userProperties",
] as const satisfies readonly (keyof PropertiesChoice)[];

/** @returns undefined where there are none. @throws FlowbrokerError ARGUMENT_INVALID */
export function readProperties(value: unknown): MessageProperties | undefined {
	if (value === undefined || value === null) return undefined;
	if (typeof value !== "object" || Array.isArray(value)) throw invalidArgument("properties", "must be an object");
	const args = known(value as Arguments, names);
	const contentType = optionalText(args, "contentType", "");
	const responseTopic = optionalText(args, "responseTopic", "");
	const correlationData = optionalText(args, "correlationData", "");
	const userProperties = userPropertiesOf(args.userProperties);
	if (responseTopic !== "" && !isTopicName(responseTopic)) {
		throw invalidArgument("responseTopic", "must be a topic without + and #");
	}
	const properties: MessageProperties = {
		...(trueOrFalse(args, "payloadFormatIndicator", false) && { payloadFormatIndicator: true }),
		...(args.messageExpiryInterval !== undefined && {
			messageExpiryInterval: whole(args, "messageExpiryInterval", 0, 0xffff_ffff),
		}),
		...(responseTopic !== "" && { responseTopic }),
		...(correlationData !== "" && { correlationData: Buffer.from(correlationData) }),
		...(contentType !== "" && { contentType }),
		...(userProperties && { userProperties }),
	};
	return Object.keys(properties).length > 0 ? properties : undefined;
}

/** @returns undefined where there are none */
export function viewProperties(properties: MessageProperties | undefined): PropertiesView | undefined {
	if (!properties) return undefined;
	const { correlationData, userProperties, ...rest } = properties;
	return {
		...rest,
		...(correlationData && { correlationData: textOrBase64(correlationData) }),
		...(userProperties && {
			userProperties: Object.entries(userProperties).flatMap(([name, value]) =>
				[value].flat().map((each) => [name, each] as const),
			),
		}),
	};
}

function userPropertiesOf(value: unknown): Record<string, string | string[]> | undefined {
	if (value === undefined) return undefined;
	if (!Array.isArray(value) || !value.every(isPair)) {
		throw invalidArgument("userProperties", "must be a list of pairs of texts: a name and a value");
	}
	if (value.length === 0) return undefined;
	// Without prototype: a property may be named as one of Object's own.
	const found: Record<string, string | string[]> = Object.create(null);
	for (const [name, text] of value) {
		const before = found[name];
		found[name] = before === undefined ? text : [before, text].flat();
	}
	return found;
}

function isPair(value: unknown): value is readonly [string, string] {
	return Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === "string");
}

function textOrBase64(data: Buffer): { text: string } | { base64: string } {
	try {
		return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data) };
	} catch {
		return { base64: data.toString("base64") };
	}
}
