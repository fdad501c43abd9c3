/** Makes a `flowbroker-broker` of kind remote of Node-RED's own `mqtt-broker`. */

import { type FlowNode, ownTypes } from "../flow-node";
import { placeholdersInside } from "./placeholders";
import { type Remark, remark } from "./remark";

/**
 * What Node-RED's own node does where the property is missing, and what our node begins with where there was no such
 * property. All are written down: a form that finds none shows an empty field.
 */
const whereMissing = {
	broker: "",
	port: 1883,
	clientid: "",
	autoConnect: true,
	usetls: false,
	tls: "",
	verifyservercert: false,
	protocolVersion: "4",
	keepalive: 60,
	cleansession: true,
	autoUnsubscribe: true,
	sessionExpiry: 0,
	userProps: "",
	birthTopic: "",
	birthQos: "0",
	birthRetain: "false",
	birthPayload: "",
	birthMsg: {},
	closeTopic: "",
	closeQos: "0",
	closeRetain: "false",
	closePayload: "",
	closeMsg: {},
	willTopic: "",
	willQos: "0",
	willRetain: "false",
	willPayload: "",
	willMsg: {},
	connectTimeout: 15,
	reconnectMin: 1,
	reconnectMax: 30,
	queueSize: 10_000,
	queueMegabytes: 16,
	queueDrop: "newest",
	queueQos0: true,
	queueDisk: true,
} as const;

export interface ConvertedBroker {
	readonly node: FlowNode;
	readonly remarks: readonly Remark[];
}

export function convertCoreBroker(core: FlowNode): ConvertedBroker {
	const { compatmode, url, ...rest } = core;
	const node: FlowNode = {
		id: core.id,
		...whereMissing,
		...withoutUndefined(rest),
		type: ownTypes.broker,
		kind: "remote",
		...addressOf(core),
		protocolVersion: isTrue(compatmode) ? "3" : String(core.protocolVersion || whereMissing.protocolVersion),
	};
	return { node, remarks: [...tlsRemarks(node, core), ...placeholdersInside(core, Object.keys(whereMissing))] };
}

/** Without a host Node-RED's own node ignores the port, too; and it takes a URL as it is, whatever "use TLS" says. */
function addressOf({ broker, url, usetls }: FlowNode): Record<string, unknown> {
	const address = typeof url === "string" && url !== "" ? url : broker;
	if (address === undefined || address === "") return { broker: "localhost", port: 1883 };
	if (isTrue(usetls) && isPlainUrl(address)) return { broker: address, usetls: false };
	return { broker: address };
}

function tlsRemarks(node: FlowNode, core: FlowNode): Remark[] {
	const told: Remark[] = [];
	if (isTrue(core.usetls) && isPlainUrl(node.broker)) {
		told.push(remark(core, "changed", "plainUrl", { address: withoutLogin(node.broker) }));
	}
	const secure = isTrue(node.usetls) || (typeof node.broker === "string" && /^(mqtts|wss):/i.test(node.broker));
	const checked = (isTrue(node.usetls) && Boolean(node.tls)) || isTrue(node.verifyservercert);
	if (secure && !checked) told.push(remark(core, "changed", "unverified"));
	return told;
}

function isPlainUrl(address: unknown): address is string {
	return typeof address === "string" && /^(mqtt|tcp|ws):\/\//i.test(address);
}

function withoutLogin(address: unknown): string {
	return String(address).replace(/\/\/[^/]*@/, "//");
}

function isTrue(value: unknown): boolean {
	return value === true || value === "true";
}

function withoutUndefined(node: Readonly<Record<string, unknown>>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined && value !== null));
}
