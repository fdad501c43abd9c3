/** Checks the property section of an MQTT 5 packet. */

import type { FieldReader } from "./field-reader";
import { problems, type WireProblem } from "./problems";
import { type Place, type Property, type PropertyName, properties, propertyById } from "./properties";

const userProperty = properties.userProperty.bit;
const authenticationMethod = properties.authenticationMethod.bit;
const authenticationData = properties.authenticationData.bit;

/** The values of the properties that are numbers, by name. */
export type PropertyNumbers = Map<PropertyName, number>;

/**
 * Reads the length and that many bytes of properties.
 * @param numbers collects the values, where the caller wants them
 * @returns the bits of the properties that were there
 */
export function checkProperties(
	reader: FieldReader,
	place: Place,
	maxTopicLevels: number,
	numbers?: PropertyNumbers,
): number {
	const length = reader.varint();
	if (length === 0) return 0;
	const packetEnd = reader.end;
	const sectionEnd = reader.at + length;
	if (sectionEnd > packetEnd) {
		reader.fail(problems.truncated);
		return 0;
	}
	reader.end = sectionEnd;
	let seen = 0;
	while (reader.more) seen |= checkProperty(reader, place, seen, maxTopicLevels, numbers);
	if ((seen & authenticationData) !== 0 && (seen & authenticationMethod) === 0) {
		reader.fail(problems.authenticationDataAlone);
	}
	reader.end = packetEnd;
	return seen;
}

/** @returns the property's bit, 0 when it is refused */
function checkProperty(
	reader: FieldReader,
	place: Place,
	seen: number,
	maxTopicLevels: number,
	numbers: PropertyNumbers | undefined,
): number {
	// The identifier is a variable byte integer by the letter; all that exist take one byte.
	const property = propertyById[reader.byte()];
	if (!property) return refuse(reader, problems.propertyUnknown);
	if ((property.from & place) === 0) {
		const server = (property.fromServer & place) !== 0;
		return refuse(reader, server ? problems.propertyOfServer : problems.propertyMisplaced);
	}
	if ((seen & property.bit & ~userProperty) !== 0) return refuse(reader, problems.propertyTwice);
	const value = checkValue(reader, property, maxTopicLevels);
	if (value !== undefined) numbers?.set(property.name, value);
	return property.bit;
}

/** @returns the value when it is a number */
function checkValue(reader: FieldReader, property: Property, maxTopicLevels: number): number | undefined {
	switch (property.type) {
		case "text":
			reader.text();
			return undefined;
		case "pair":
			reader.userProperty();
			return undefined;
		case "binary":
			reader.binary();
			return undefined;
		case "topic":
			if (reader.topicName(maxTopicLevels) === 0) reader.fail(problems.topicEmpty);
			return undefined;
		default:
			return checkNumber(reader, property);
	}
}

function checkNumber(reader: FieldReader, property: Property): number {
	const value = readNumber(reader, property);
	if (property.type === "flag" && value > 1) reader.fail(problems.flagNotBoolean);
	if (value === 0 && property.whenZero) reader.fail(property.whenZero);
	return value;
}

function readNumber(reader: FieldReader, property: Property): number {
	switch (property.type) {
		case "uint16":
			return reader.uint16();
		case "uint32":
			return reader.uint32();
		case "varint":
			return reader.varint();
		default:
			return reader.byte();
	}
}

function refuse(reader: FieldReader, problem: WireProblem): 0 {
	reader.fail(problem);
	return 0;
}
