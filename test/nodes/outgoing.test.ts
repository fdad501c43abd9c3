import { describe, expect, test } from "@jest/globals";
import { type OutSettings, outgoingMessage, outSettings } from "../../nodes/out/outgoing";

const none: OutSettings = outSettings({});

describe("the message that an out node publishes", () => {
	test("takes from the node what the node says, and the rest from the message", () => {
		const settings = outSettings({ topic: "node", qos: "1", retain: "false", contentType: "text/plain", expiry: "5" });
		const message = { topic: "msg", payload: "x", qos: 2, retain: true, contentType: "a/b", responseTopic: "answer" };
		expect(outgoingMessage(settings, message)).toEqual({
			topic: "node",
			payload: Buffer.from("x"),
			qos: 1,
			retain: false,
			properties: { contentType: "text/plain", messageExpiryInterval: 5, responseTopic: "answer" },
		});
		expect(outgoingMessage(none, message)).toMatchObject({ topic: "msg", qos: 2, retain: true });
	});

	test("has defaults for what nobody says", () => {
		const payload = Buffer.from("x");
		expect(outgoingMessage(none, { topic: "t", payload: "x" })).toEqual({ topic: "t", payload, qos: 0, retain: false });
		expect(outgoingMessage(none, { topic: "t", payload: "x", qos: 7, retain: "maybe" })).toMatchObject({
			qos: 0,
			retain: false,
		});
	});

	test("reads the settings of old flows", () => {
		expect(outSettings({ qos: 0, retain: true })).toMatchObject({ qos: 0, retain: true });
		expect(outSettings({ qos: "2", retain: false })).toMatchObject({ qos: 2, retain: undefined });
		expect(outSettings({ qos: null, retain: "" })).toMatchObject({ qos: undefined, retain: undefined });
	});

	test.each([
		["text", "text"],
		[21.5, "21.5"],
		[true, "true"],
		[{ a: [1] }, '{"a":[1]}'],
		[null, ""],
		[undefined, ""],
		[Buffer.from("raw"), "raw"],
	])("holds the payload %p as %p", (payload, expected) => {
		expect(outgoingMessage(none, { topic: "t", payload })?.payload.toString()).toBe(expected);
	});

	test("does not share the bytes with the flow, which may change them", () => {
		const payload = Buffer.from("raw");
		const published = outgoingMessage(none, { topic: "t", payload });
		payload.fill(0);
		expect(published?.payload.toString()).toBe("raw");
	});

	test("is none without a payload", () => {
		expect(outgoingMessage(none, { topic: "t" })).toBeUndefined();
	});

	test("joins the user properties of node and message, the node's first", () => {
		const settings = outSettings({ userProps: '{"unit":"C","room":"kitchen"}' });
		const message = { topic: "t", payload: "", userProperties: { unit: "F", tags: ["a", "b"], count: 3, none: null } };
		expect(outgoingMessage(settings, message)?.properties?.userProperties).toEqual({
			unit: "C",
			room: "kitchen",
			tags: ["a", "b"],
			count: "3",
		});
	});

	test("is an answer when it has no topic but a response topic", () => {
		const published = outgoingMessage(none, { payload: "yes", responseTopic: "answer", correlationData: "7" });
		expect(published).toMatchObject({ topic: "answer", properties: { correlationData: Buffer.from("7") } });
		expect(published?.properties).not.toHaveProperty("responseTopic");
	});

	test("is an error without topic, with one that is no text, and for an object that JSON can't hold", () => {
		const ring: Record<string, unknown> = {};
		ring.self = ring;
		expect(() => outgoingMessage(none, { payload: "" })).toThrow("neither the node nor msg.topic says a topic");
		expect(() => outgoingMessage(none, { payload: "", topic: 7 as never })).toThrow("msg.topic is not a text");
		expect(() => outgoingMessage(none, { payload: ring, topic: "t" })).toThrow("can't be written as JSON");
	});

	test("can't be made with user properties that are no JSON object", () => {
		expect(() => outSettings({ userProps: "[1]" })).toThrow("must be a JSON object");
		expect(() => outSettings({ userProps: "unit=C" })).toThrow("must be a JSON object");
	});
});
