/**
 * Flows with MQTT nodes as public documentation shows them: the same structure and settings, written anew and smaller.
 * Nodes for dashboards are left out, and `debug` stands for whatever shows a message.
 */

import type { FlowNode } from "../../../migrate";

/** What somebody does who tries the example. */
export type Step =
	/** Presses the button of an inject node. */
	| { readonly press: string }
	/** A device publishes. */
	| { readonly topic: string; readonly payload: string; readonly retain?: boolean }
	/** A subscription that a message asked for is made. */
	| { readonly subscribed: string };

export interface Example {
	/** Where such a flow is published. */
	readonly source: string;
	readonly nodes: readonly FlowNode[];
	readonly steps: readonly Step[];
	/** What the debug nodes show, in any order; the node is `debug` unless it is named. */
	readonly shown?: readonly (readonly [topic: string, payload: unknown, debug?: string])[];
	/** What the flow publishes: topic and payload, `retained` where it is. */
	readonly published?: readonly string[];
}

const cookbook = "https://cookbook.nodered.org/mqtt/";
const hardwario = "HARDWARIO documentation";

const place = { z: "tab", x: 1, y: 1 };
const mqttIn = (topic: string, to: string[], more: object = {}): FlowNode => ({
	...{ ...place, id: `in ${topic}`, type: "mqtt in", name: "", topic, qos: "2", broker: "broker", wires: [to] },
	...more,
});
const mqttOut = (id: string, topic: string, more: object = {}): FlowNode => ({
	...{ ...place, id, type: "mqtt out", name: "", topic, qos: "", retain: "", broker: "broker", wires: [] },
	...more,
});
const inject = (id: string, payload: string, payloadType: string, to: string[], more: object = {}): FlowNode => ({
	...{ ...place, id, type: "inject", name: "", topic: "", payload, payloadType, repeat: "", crontab: "", once: false },
	wires: [to],
	...more,
});
const debug = (id = "debug"): FlowNode => ({ ...place, id, type: "debug", active: true, complete: "false", wires: [] });
const json = (id: string, to: string[]): FlowNode => ({
	...{ ...place, id, type: "json", name: "", pretty: false, wires: [to] },
});
const set = (id: string, p: string, value: string, tot: string, to: string[]): FlowNode => ({
	...{ ...place, id, type: "change", name: "", rules: [{ t: "set", p, pt: "msg", to: value, tot }], wires: [to] },
});
const func = (id: string, code: string, to: string[]): FlowNode => ({
	...{ ...place, id, type: "function", name: "", func: code, outputs: 1, noerr: 0, wires: [to] },
});
const template = (id: string, text: string, to: string[], output = "str"): FlowNode => ({
	...{ ...place, id, type: "template", name: "", field: "payload", fieldType: "msg", format: "handlebars" },
	...{ syntax: "mustache", template: text, output, wires: [to] },
});
const equals = (id: string, property: string, value: string, to: string[]): FlowNode => ({
	...{ ...place, id, type: "switch", name: "", property, propertyType: "msg", checkall: "true", outputs: 1 },
	...{ rules: [{ t: "eq", v: value, vt: "str" }], wires: [to] },
});

export const examples: readonly Example[] = [
	{
		source: `${cookbook}publish-to-topic`,
		nodes: [inject("button", "22", "num", ["out"]), mqttOut("out", "sensors/livingroom/temp")],
		steps: [{ press: "button" }],
		published: ["sensors/livingroom/temp 22"],
	},
	{
		source: `${cookbook}set-publish-topic`,
		nodes: [inject("button", "22", "num", ["out"], { topic: "sensors/kitchen/temperature" }), mqttOut("out", "")],
		steps: [{ press: "button" }],
		published: ["sensors/kitchen/temperature 22"],
	},
	{
		source: `${cookbook}publish-retained-message`,
		nodes: [inject("button", "22", "num", ["out"]), mqttOut("out", "sensors/livingroom/temp", { retain: "true" })],
		steps: [{ press: "button" }],
		published: ["sensors/livingroom/temp 22 retained"],
	},
	{
		source: `${cookbook}subscribe-to-topic`,
		nodes: [mqttIn("sensors/#", ["debug"]), debug()],
		steps: [
			{ topic: "sensors/bath", payload: "21" },
			{ topic: "other", payload: "no" },
			{ topic: "sensors", payload: '{"a":1}' },
		],
		shown: [
			["sensors/bath", "21"],
			["sensors", '{"a":1}'],
		],
	},
	{
		source: `${cookbook}subscribe-to-topic, with the topic from an environment variable`,
		nodes: [mqttIn("$(MY_TOPIC)", ["debug"]), debug()],
		steps: [{ topic: "from/environment", payload: "yes" }],
		shown: [["from/environment", "yes"]],
	},
	{
		source: `${cookbook}receive-json`,
		nodes: [
			inject("button", '{"sensor_id":1234,"temperature":13}', "json", ["out"]),
			mqttOut("out", "sensors/livingroom/temp", { retain: "false" }),
			mqttIn("sensors/#", ["json"]),
			json("json", ["debug"]),
			debug(),
		],
		steps: [{ press: "button" }],
		shown: [["sensors/livingroom/temp", { sensor_id: 1234, temperature: 13 }]],
		published: ['sensors/livingroom/temp {"sensor_id":1234,"temperature":13}'],
	},
	{
		source: `${hardwario}: motion detector`,
		nodes: [
			mqttIn("node/motion-detector:0/push-button/-/event-count", ["debug"], {
				datatype: "auto-detect",
				nl: false,
				rap: false,
			}),
			debug(),
		],
		steps: [{ topic: "node/motion-detector:0/push-button/-/event-count", payload: "5" }],
		shown: [["node/motion-detector:0/push-button/-/event-count", 5]],
	},
	{
		source: `${hardwario}: HomeKit and Siri`,
		nodes: [
			mqttIn("node/push-button:0/thermometer/0:1/temperature", ["template"]),
			template("template", '{"CurrentTemperature": "{{payload}}"}', ["debug"]),
			debug(),
		],
		steps: [{ topic: "node/push-button:0/thermometer/0:1/temperature", payload: "21.5" }],
		shown: [["node/push-button:0/thermometer/0:1/temperature", '{"CurrentTemperature": "21.5"}']],
	},
	{
		source: `${hardwario}: LED strip by colour of a CO2 meter`,
		nodes: [
			mqttIn("node/+/co2-meter/-/concentration", ["number"]),
			func("number", "msg.payload = Number(msg.payload) > 1000 ? 'red' : 'green'; return msg;", ["red"]),
			equals("red", "payload", "red", ["colour"]),
			set("colour", "payload", '"#ff0000"', "str", ["out"]),
			mqttOut("out", "node/power-controller:0/led-strip/-/color/set"),
		],
		steps: [
			{ topic: "node/a/co2-meter/-/concentration", payload: "700" },
			{ topic: "node/b/co2-meter/-/concentration", payload: "1200" },
		],
		published: ['node/power-controller:0/led-strip/-/color/set "#ff0000"'],
	},
	{
		source: `${hardwario}: buttons for a gateway`,
		nodes: [
			inject("list", "", "str", ["get"]),
			mqttOut("get", "gateway/usb-dongle/nodes/get"),
			mqttIn("#", ["debug"]),
			debug(),
		],
		steps: [{ press: "list" }],
		shown: [["gateway/usb-dongle/nodes/get", ""]],
		published: ["gateway/usb-dongle/nodes/get "],
	},
	{
		source: "node-red-mqtt-example (GitHub): simple mqtt",
		nodes: [
			inject("button", "", "date", ["out"]),
			mqttOut("out", "button/1", { qos: "0", retain: "false" }),
			mqttIn("button/1", ["debug"], { qos: "0" }),
			debug(),
		],
		steps: [{ press: "button" }],
		shown: [["button/1", "TIME"]],
		published: ["button/1 TIME"],
	},
	{
		source: "Presence by Fibaro and MQTT (GitHub)",
		nodes: [
			mqttIn("presence/joep", ["who"], { qos: "0" }),
			func("who", "return { topic: 'home/' + msg.topic, payload: msg.payload === '1' ? 'home' : 'away' };", ["out"]),
			mqttOut("out", "", { qos: "0", retain: "true" }),
		],
		steps: [{ topic: "presence/joep", payload: "1" }],
		published: ["home/presence/joep home retained"],
	},
	{
		source: "node-red-contrib-nora, README: lamp",
		nodes: [
			mqttIn("home/lamp/power", ["topic"], { datatype: "auto" }),
			set("topic", "topic", "on", "str", ["debug"]),
			debug(),
			inject("button", "true", "bool", ["out"]),
			mqttOut("out", "home/lamp/set-power"),
		],
		steps: [{ topic: "home/lamp/power", payload: "true" }, { press: "button" }],
		shown: [["on", "true"]],
		published: ["home/lamp/set-power true"],
	},
	{
		source: "Weather station with ESP32 and DHT11 (GitHub), after Random Nerd Tutorials",
		nodes: [
			mqttIn("esp32/temperature", ["temperature", "all"]),
			mqttIn("esp32/humidity", ["all"]),
			debug("temperature"),
			debug("all"),
			inject("switch", "on", "str", ["out"]),
			mqttOut("out", "esp32/output"),
		],
		steps: [
			{ topic: "esp32/temperature", payload: "20.1" },
			{ topic: "esp32/humidity", payload: "55", retain: true },
			{ press: "switch" },
		],
		shown: [
			["esp32/temperature", "20.1", "temperature"],
			["esp32/temperature", "20.1", "all"],
			["esp32/humidity", "55", "all"],
		],
		published: ["esp32/output on"],
	},
	{
		source: "Dashboard for The Things Network (school course)",
		nodes: [
			mqttIn("ieni-2019/devices/+/up", ["json"]),
			json("json", ["field"]),
			func("field", "msg.payload = msg.payload.payload_fields.temperature; return msg;", ["debug"]),
			debug(),
		],
		steps: [{ topic: "ieni-2019/devices/box/up", payload: '{"payload_fields":{"temperature":19}}' }],
		shown: [["ieni-2019/devices/box/up", 19]],
	},
	{
		source: "IRShine with Tasmota (GitHub)",
		nodes: [
			mqttIn("tele/hpir01/RESULT", ["json"], { datatype: "auto" }),
			json("json", ["which"]),
			equals("which", "payload.IrReceived.Data", "0x1FE", ["command"]),
			set("command", "payload", '{"Protocol":"SAMSUNG","Bits":32,"Data":"0xE0E040BF"}', "json", ["out"]),
			mqttOut("out", "cmnd/hpir01/IRsend"),
		],
		steps: [
			{ topic: "tele/hpir01/RESULT", payload: '{"IrReceived":{"Data":"0x000"}}' },
			{ topic: "tele/hpir01/RESULT", payload: '{"IrReceived":{"Data":"0x1FE"}}' },
		],
		published: ['cmnd/hpir01/IRsend {"Protocol":"SAMSUNG","Bits":32,"Data":"0xE0E040BF"}'],
	},
	{
		source: "Load balancer by metrics (GitHub)",
		nodes: [
			mqttIn("servers/+/metrics", ["name"], { qos: "1", datatype: "json", nl: false, rap: true, rh: 0 }),
			func("name", "msg.payload = { server: msg.topic.split('/')[1], busy: msg.payload.cpu > 80 }; return msg;", [
				"out",
			]),
			mqttOut("out", "balancer/decision", { qos: "1" }),
		],
		steps: [{ topic: "servers/web1/metrics", payload: '{"cpu":91}' }],
		published: ['balancer/decision {"server":"web1","busy":true}'],
	},
	{
		source: "Dynamic connections and subscriptions, Node-RED guide (pupenasan.github.io/NodeREDGuidUKR)",
		nodes: [
			inject("subscribe", "", "str", ["in dynamic"], {
				props: [
					{ p: "action", v: "subscribe", vt: "str" },
					{ p: "topic", v: "house/+/temp", vt: "str" },
				],
			}),
			inject("unsubscribe", "", "str", ["in dynamic"], {
				props: [
					{ p: "action", v: "unsubscribe", vt: "str" },
					{ p: "topic", v: "house/+/temp", vt: "str" },
				],
			}),
			mqttIn("", ["debug"], { id: "in dynamic", inputs: 1, datatype: "auto-detect", nl: false, rap: true, rh: 0 }),
			debug(),
		],
		steps: [{ press: "subscribe" }, { subscribed: "house/+/temp" }, { topic: "house/attic/temp", payload: "30" }],
		shown: [["house/attic/temp", 30]],
	},
	{
		source: "Zigbee2MQTT button and LED strip (GitHub)",
		nodes: [
			mqttIn("zigbee2mqtt/button", ["single"], { qos: "0", datatype: "json", nl: false, rap: false, inputs: 0 }),
			equals("single", "payload.action", "single", ["blue"]),
			template("blue", '{"color":{"hex":"#0000F9"},"state": "ON"}', ["out"], "json"),
			mqttOut("out", "zigbee2mqtt/ledstrip_bin_day/set", {
				...{ qos: "0", retain: "false", respTopic: "", contentType: "", userProps: "", correl: "", expiry: "" },
			}),
		],
		steps: [{ topic: "zigbee2mqtt/button", payload: '{"action":"single","battery":91}' }],
		published: ['zigbee2mqtt/ledstrip_bin_day/set {"color":{"hex":"#0000F9"},"state":"ON"}'],
	},
];
