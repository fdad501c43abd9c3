/** Makes the settings of a bridge of the node's properties. */

import { hostname } from "node:os";
import { type BridgeOptions, FlowbrokerError, parseBridgeRules } from "../../broker";
import type { RemoteOptions } from "../broker/remote/remote-options";
import { fillIn, type Lookup } from "../environment";
import { flagOf, textOf, wholeOf } from "../values";
import { type BridgeProperties, bridgeDefaults } from "./properties";

/** What a flow file holds; nothing is sure about it. */
export type RawBridge = { readonly [name in keyof BridgeProperties]?: unknown };

/** Seconds that the other broker is asked to keep the session, where the connection says nothing else: a week. */
const SESSION_EXPIRY = 604_800;
/** Messages that the other broker may have under way, where the connection says nothing else. */
const RECEIVE_MAXIMUM = 100;
/** Bytes of a packet from the other broker, where the connection says nothing else. */
const PACKET_SIZE = 16_777_216;
const MEGABYTE = 1_048_576;

/**
 * @param id of the node
 * @param remote the connection to the other broker
 * @throws FlowbrokerError OPTION_INVALID, naming the field of the form, its value and what it may be
 */
export function bridgeOptionsOf(raw: RawBridge, id: string, remote: RemoteOptions, lookup: Lookup): BridgeOptions {
	const text = (name: keyof RawBridge) => {
		const value = raw[name];
		return textOf(typeof value === "string" ? fillIn(value, `field "${name}"`, lookup).trim() : value);
	};
	const flag = (name: keyof RawBridge) => flagOf(raw[name]) ?? bridgeDefaults[name] === true;
	const whole = (name: keyof RawBridge, from: number, to: number) => {
		const value = text(name) ?? raw[name];
		const number = value === undefined || value === "" ? Number(bridgeDefaults[name]) : wholeOf(value);
		if (number !== undefined && number >= from && number <= to) return number;
		throw invalid(name, value, `must be a whole number from ${from} to ${to}`);
	};
	const choice = <Choice extends string>(name: keyof RawBridge, choices: readonly Choice[]): Choice => {
		const value = text(name) ?? bridgeDefaults[name];
		const found = choices.find((one) => one === String(value));
		if (found) return found;
		throw invalid(name, value, `must be ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`);
	};
	const name = text("name") ?? id;
	const clientId = text("clientid") ?? `${hostname()}.${name}`;
	const clean = flag("cleansession");
	const version = choice("protocolVersion", ["auto", "5", "4", "3"]);
	return {
		id,
		name,
		rules: rulesOf(raw.rules, lookup),
		start: choice("start", ["automatic", "lazy", "once"]),
		startThreshold: whole("startThreshold", 1, 1_000_000),
		idleTimeout: whole("idleTimeout", 1, 86_400) * 1_000,
		protocolVersion: version === "auto" ? version : (Number(version) as 3 | 4 | 5),
		tryPrivate: flag("tryPrivate"),
		roundRobin: flag("roundRobin"),
		notifications: flag("notifications")
			? {
					topic: text("notificationTopic") ?? `$SYS/broker/connection/${clientId}/state`,
					localOnly: flag("notificationsLocalOnly"),
				}
			: undefined,
		outgoingRetain: flag("outgoingRetain"),
		attemptUnsubscribe: flag("attemptUnsubscribe"),
		loopGuard: flag("loopGuard"),
		user: text("user"),
		queue: {
			messages: whole("queueSize", 1, 10_000_000),
			bytes: whole("queueMegabytes", 1, 4_096) * MEGABYTE,
			drop: choice("queueDrop", ["newest", "oldest"]),
			qos0: flag("queueQos0"),
		},
		link: {
			clientId,
			clean,
			keepalive: remote.keepalive,
			user: remote.user,
			password: remote.password,
			sessionExpiry: clean ? 0 : (remote.sessionExpiry ?? SESSION_EXPIRY),
			receiveMaximum: remote.receiveMaximum ?? RECEIVE_MAXIMUM,
			maximumPacketSize: remote.maximumPacketSize ?? PACKET_SIZE,
			userProperties: remote.userProperties,
			connectTimeout: remote.connectTimeout,
		},
	};
}

function rulesOf(raw: unknown, lookup: Lookup): BridgeOptions["rules"] {
	const rules: readonly unknown[] = Array.isArray(raw) ? raw : [];
	if (rules.length === 0) throw invalid("rules", "", "must hold at least one rule: without one nothing crosses");
	return parseBridgeRules(rules.map((rule) => (isObject(rule) ? filledIn(rule, lookup) : rule)));
}

function filledIn(rule: Record<string, unknown>, lookup: Lookup): Record<string, unknown> {
	const fill = (value: unknown) => (typeof value === "string" ? fillIn(value, "rules of the bridge", lookup) : value);
	return Object.fromEntries(Object.entries(rule).map(([name, value]) => [name, fill(value)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(field: string, value: unknown, rule: string): FlowbrokerError {
	const shown = typeof value === "string" ? value : JSON.stringify(value);
	return new FlowbrokerError(
		"OPTION_INVALID",
		`The field "${field}" of the bridge ${rule}; it is "${String(shown).slice(0, 60)}". Open the bridge and correct it.`,
	);
}
