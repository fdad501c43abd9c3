import { describe, expect, test } from "@jest/globals";
import type { MessageProperties } from "../../broker";
import { payloadOf } from "../../nodes/in/payload";
import type { Datatype } from "../../nodes/in/properties";

const json = Buffer.from('{"on":true}');
const text = Buffer.from("grüezi\n");
const binary = Buffer.from([0xff, 0x00, 0x01]);

describe("the payload that an in node sends", () => {
	test.each<[Datatype, Buffer, unknown]>([
		["auto-detect", json, { on: true }],
		["auto-detect", text, "grüezi\n"],
		["auto-detect", binary, binary],
		["auto-detect", Buffer.from([0x01, 0x02]), Buffer.from([0x01, 0x02])],
		["auto-detect", Buffer.alloc(0), ""],
		["auto-detect", Buffer.from("21.5"), 21.5],
		["auto", json, '{"on":true}'],
		["auto", binary, binary],
		["utf8", json, '{"on":true}'],
		["buffer", text, text],
		["base64", Buffer.from("ab"), "YWI="],
		["json", json, { on: true }],
	])("as %s of %s", (datatype, bytes, expected) => {
		expect(payloadOf(bytes, datatype)).toEqual(expected);
	});

	test.each<[MessageProperties, Buffer, unknown]>([
		[{ contentType: "text/plain" }, Buffer.from("21.5"), "21.5"],
		[{ contentType: "IMAGE/PNG" }, json, json],
		[{ contentType: "application/json" }, json, { on: true }],
		[{ contentType: "x/unknown" }, json, { on: true }],
		[{ payloadFormatIndicator: true }, Buffer.from([0x01]), "\u0001"],
	])("follows what the sender says: %p", (properties, bytes, expected) => {
		expect(payloadOf(bytes, "auto-detect", properties)).toEqual(expected);
	});

	test("is a copy of bytes that others have too", () => {
		expect(payloadOf(text, "buffer")).not.toBe(text);
		expect(payloadOf(binary, "auto-detect")).not.toBe(binary);
	});

	test.each<[Datatype, Buffer, MessageProperties]>([
		["json", text, {}],
		["json", binary, {}],
		["auto-detect", text, { contentType: "application/json" }],
	])("is an error where JSON was promised: %s", (datatype, bytes, properties) => {
		expect(() => payloadOf(bytes, datatype, properties)).toThrow(expect.objectContaining({ code: "PAYLOAD_INVALID" }));
	});
});
