import { describe, expect, test } from "@jest/globals";
import { properties } from "../../../broker/wire";

// The package has no types for its table, and its names differ a little from the standard's.
const theirs: {
	properties: Record<string, number>;
	propertiesTypes: Record<string, string>;
} = require("mqtt-packet/constants");

const theirNames: Record<string, string> = {
	maximumQos: "maximumQoS",
	userProperty: "userProperties",
	subscriptionIdentifierAvailable: "subscriptionIdentifiersAvailable",
};

const theirTypes: Record<string, string> = {
	flag: "byte",
	byte: "int8",
	uint16: "int16",
	uint32: "int32",
	varint: "var",
	text: "string",
	topic: "string",
	binary: "binary",
	pair: "pair",
};

describe("the table of properties agrees with mqtt-packet's", () => {
	test("it has as many rows", () => {
		expect(Object.keys(properties)).toHaveLength(Object.keys(theirs.properties).length);
	});

	test.each(Object.values(properties))("$name has the same identifier and type", ({ name, id, type }) => {
		const theirName = theirNames[name] ?? name;
		expect(id).toBe(theirs.properties[theirName]);
		expect(theirTypes[type]).toBe(theirs.propertiesTypes[theirName]);
	});

	test("each has a bit of its own", () => {
		expect(new Set(Object.values(properties).map(({ bit }) => bit)).size).toBe(Object.keys(properties).length);
	});
});
