import { describe, expect, test } from "@jest/globals";
import type { ListenerState } from "../../broker";
import { describeListener, findBrokerNodes } from "../../runtime/brokers";

const listener: ListenerState = { name: "1", kind: "tcp", host: "127.0.0.1", port: 1883, up: true, error: undefined };

describe("the description of a listener", () => {
	test.each<[string, Partial<ListenerState>]>([
		["MQTT on 127.0.0.1:1883", {}],
		["MQTT on [::1]:1883", { host: "::1" }],
		["MQTT over TLS on pi.local:8883", { kind: "tls", host: "pi.local", port: 8883 }],
		["MQTT over WebSocket on 127.0.0.1:9001/mqtt", { kind: "ws", port: 9001, path: "/mqtt" }],
		["MQTT over WebSocket with TLS on 127.0.0.1:443", { kind: "wss", port: 443 }],
		["MQTT on /run/mqtt.sock", { kind: "unix", host: "localhost", port: 0, path: "/run/mqtt.sock" }],
	])("reads %s", (text, state) => {
		expect(describeListener({ ...listener, ...state })).toBe(text);
	});
});

test("the broker nodes that must run are those that are neither disabled nor part of a subflow", () => {
	const found = findBrokerNodes([
		{ id: "off tab", type: "tab", disabled: true },
		{ id: "on tab", type: "tab", disabled: false },
		{ id: "sub", type: "subflow" },
		{ id: "global", type: "flowbroker-broker" },
		{ id: "disabled", type: "flowbroker-broker", d: true },
		{ id: "on", type: "flowbroker-broker", z: "on tab" },
		{ id: "off", type: "flowbroker-broker", z: "off tab" },
		{ id: "in subflow", type: "flowbroker-broker", z: "sub" },
		{ id: "other", type: "inject", z: "on tab" },
	]);
	expect(found.map(({ id }) => id)).toEqual(["global", "on"]);
});
