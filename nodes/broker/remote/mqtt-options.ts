/** The options that MQTT.js gets for a connection. */

import type { IClientOptions } from "mqtt";
import type { RemoteOptions, Will } from "./remote-options";

/** Milliseconds, the longest that a timer can take: MQTT.js shall never connect again by itself. */
const NEVER = 2_147_483_647;

export function mqttOptions(options: RemoteOptions, clientId: string): IClientOptions {
	const { protocolVersion, keepalive, clean, user, password, will } = options;
	return {
		clientId,
		keepalive,
		clean,
		protocolVersion,
		protocolId: protocolVersion === 3 ? "MQIsdp" : "MQTT",
		connectTimeout: options.connectTimeout,
		// Not 0: with 0, MQTT.js gives up unacknowledged messages together with the connection.
		reconnectPeriod: NEVER,
		reconnectOnConnackError: true,
		resubscribe: false,
		...(user !== undefined && { username: user }),
		...(password !== undefined && { password }),
		...(will && { will: willOf(will, protocolVersion) }),
		...(protocolVersion === 5 && { properties: connectProperties(options) }),
	};
}

function willOf(will: Will, protocolVersion: number): NonNullable<IClientOptions["will"]> {
	const { topic, payload, qos, retain, properties, delay } = will;
	const five = { ...properties, ...(delay !== undefined && { willDelayInterval: delay }) };
	return { topic, payload, qos, retain, ...(protocolVersion === 5 && { properties: five }) };
}

function connectProperties(options: RemoteOptions): NonNullable<IClientOptions["properties"]> {
	const { sessionExpiry, maximumPacketSize, receiveMaximum, topicAliasMaximum, userProperties } = options;
	return {
		requestResponseInformation: true,
		requestProblemInformation: true,
		...(sessionExpiry !== undefined && { sessionExpiryInterval: sessionExpiry }),
		...(maximumPacketSize !== undefined && { maximumPacketSize }),
		...(receiveMaximum !== undefined && { receiveMaximum }),
		...(topicAliasMaximum !== undefined && { topicAliasMaximum }),
		...(userProperties && { userProperties }),
	};
}
