/** The message as everything in flowbroker passes it on: what MQTT's PUBLISH carries, without the wire. */

/** Quality of service: 0 at most once, 1 at least once, 2 exactly once. */
export type QoS = 0 | 1 | 2;

/** MQTT 5 properties that travel with a message. User properties keep their order and may repeat a name. */
export interface MessageProperties {
	/** `true` when the payload is UTF-8 text. */
	payloadFormatIndicator?: boolean;
	/** Seconds that the message may still wait. */
	messageExpiryInterval?: number;
	responseTopic?: string;
	correlationData?: Buffer;
	contentType?: string;
	userProperties?: Record<string, string | string[]>;
	/** The names of all user properties in the order of the wire, where the record alone can't tell it. */
	userPropertyOrder?: readonly string[];
}

/** One publication. */
export interface Message {
	topic: string;
	payload: Buffer;
	qos: QoS;
	/** On the way in: keep it. On the way out: it is a kept one. */
	retain: boolean;
	properties?: MessageProperties;
}

/** Of the properties of a PUBLISH those that belong to the message; the others belong to the connection. */
export function messageProperties(properties: MessageProperties = {}): MessageProperties | undefined {
	const { payloadFormatIndicator, messageExpiryInterval, responseTopic, correlationData, contentType, userProperties } =
		properties;
	const own: MessageProperties = {
		...(payloadFormatIndicator !== undefined && { payloadFormatIndicator }),
		...(messageExpiryInterval !== undefined && { messageExpiryInterval }),
		...(responseTopic !== undefined && { responseTopic }),
		...(correlationData !== undefined && { correlationData }),
		...(contentType !== undefined && { contentType }),
		// MQTT.js makes it without a prototype.
		...(userProperties !== undefined && { userProperties: { ...userProperties } }),
	};
	return Object.keys(own).length > 0 ? own : undefined;
}
