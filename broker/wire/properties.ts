/** The table of MQTT 5 properties (2.2.2.2) as a client may send them. */

import { problems, type WireProblem } from "./problems";

/** Where properties stand, one bit each. The four acknowledgements of PUBLISH have the same ones. */
export const place = {
	connect: 1,
	will: 2,
	publish: 4,
	acknowledge: 8,
	subscribe: 16,
	unsubscribe: 32,
	disconnect: 64,
	auth: 128,
} as const;

export type Place = (typeof place)[keyof typeof place];

/** `flag` is a byte that is 0 or 1; `topic` a text that is a topic name; `pair` two texts. */
export type PropertyType = "flag" | "byte" | "uint16" | "uint32" | "varint" | "text" | "topic" | "binary" | "pair";

export interface Property {
	readonly id: number;
	readonly name: PropertyName;
	readonly type: PropertyType;
	/** Sum of the places where a client may send it; 0 when only a server does. */
	readonly from: number;
	/** Sum of the places of a client's packets where the server may send it and the client may not. */
	readonly fromServer: number;
	/** What is wrong when the value is 0; undefined when it may be. */
	readonly whenZero: WireProblem | undefined;
	/** One bit, different for every property. */
	readonly bit: number;
}

interface Row extends Pick<Property, "id" | "type"> {
	readonly in: readonly (keyof typeof place)[];
	readonly serverIn?: readonly (keyof typeof place)[];
	readonly whenZero?: WireProblem;
}

const everywhere = Object.keys(place) as (keyof typeof place)[];

const table = {
	payloadFormatIndicator: { id: 0x01, type: "flag", in: ["publish", "will"] },
	messageExpiryInterval: { id: 0x02, type: "uint32", in: ["publish", "will"] },
	contentType: { id: 0x03, type: "text", in: ["publish", "will"] },
	responseTopic: { id: 0x08, type: "topic", in: ["publish", "will"] },
	correlationData: { id: 0x09, type: "binary", in: ["publish", "will"] },
	subscriptionIdentifier: {
		id: 0x0b,
		type: "varint",
		in: ["subscribe"],
		serverIn: ["publish"],
		whenZero: problems.subscriptionIdentifierZero,
	},
	sessionExpiryInterval: { id: 0x11, type: "uint32", in: ["connect", "disconnect"] },
	assignedClientIdentifier: { id: 0x12, type: "text", in: [] },
	serverKeepAlive: { id: 0x13, type: "uint16", in: [] },
	authenticationMethod: { id: 0x15, type: "text", in: ["connect", "auth"] },
	authenticationData: { id: 0x16, type: "binary", in: ["connect", "auth"] },
	requestProblemInformation: { id: 0x17, type: "flag", in: ["connect"] },
	willDelayInterval: { id: 0x18, type: "uint32", in: ["will"] },
	requestResponseInformation: { id: 0x19, type: "flag", in: ["connect"] },
	responseInformation: { id: 0x1a, type: "text", in: [] },
	serverReference: { id: 0x1c, type: "text", in: [], serverIn: ["disconnect"] },
	reasonString: { id: 0x1f, type: "text", in: ["acknowledge", "disconnect", "auth"] },
	receiveMaximum: { id: 0x21, type: "uint16", in: ["connect"], whenZero: problems.receiveMaximumZero },
	topicAliasMaximum: { id: 0x22, type: "uint16", in: ["connect"] },
	topicAlias: { id: 0x23, type: "uint16", in: ["publish"], whenZero: problems.topicAliasZero },
	maximumQos: { id: 0x24, type: "byte", in: [] },
	retainAvailable: { id: 0x25, type: "flag", in: [] },
	userProperty: { id: 0x26, type: "pair", in: everywhere },
	maximumPacketSize: { id: 0x27, type: "uint32", in: ["connect"], whenZero: problems.maximumPacketSizeZero },
	wildcardSubscriptionAvailable: { id: 0x28, type: "flag", in: [] },
	subscriptionIdentifierAvailable: { id: 0x29, type: "flag", in: [] },
	sharedSubscriptionAvailable: { id: 0x2a, type: "flag", in: [] },
} as const satisfies Record<string, Row>;

export type PropertyName = keyof typeof table;

/** The properties by name. */
export const properties = Object.freeze(
	Object.fromEntries(
		(Object.keys(table) as PropertyName[]).map((name, index) => [name, propertyOf(name, table[name], index)]),
	),
) as Readonly<Record<PropertyName, Property>>;

/** The properties by identifier; holes where MQTT 5 defines none. */
export const propertyById: readonly (Property | undefined)[] = byId();

function propertyOf(name: PropertyName, row: Row, index: number): Property {
	return Object.freeze({
		id: row.id,
		name,
		type: row.type,
		from: sum(row.in),
		fromServer: sum(row.serverIn ?? []),
		whenZero: row.whenZero,
		bit: 1 << index,
	});
}

function sum(places: readonly (keyof typeof place)[]): number {
	return places.reduce((bits, name) => bits | place[name], 0);
}

function byId(): (Property | undefined)[] {
	const list: (Property | undefined)[] = new Array(0x2b).fill(undefined);
	for (const property of Object.values(properties)) list[property.id] = property;
	return list;
}
