/** A connection of `flowbroker pub` or `flowbroker sub` to a broker, on MQTT.js. */

import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { getSystemErrorMap } from "node:util";
import type { IClientOptions, IConnackPacket, MqttClient, Packet } from "mqtt";
import { ClientError } from "./client-error";
import { MessageIds } from "./message-ids";
import { receivedLines, sentLines } from "./packet-log";
import type { PropertySet } from "./properties";
import { refusalText } from "./reasons";
import type { ConnectionSettings } from "./settings";

/** What a connection reports. */
export interface ConnectionEvents {
	/** A line for `-d`; absent without it. */
	readonly debug?: ((line: string) => void) | undefined;
	/** Connected, also again after a loss. */
	connected(client: MqttClient, packet: IConnackPacket): void;
	/** The connection could not be made, or the broker refused it. */
	failed(error: ClientError): void;
}

/** Milliseconds until a lost connection is tried again, as Mosquitto's clients do. */
const reconnectMs = 1_000;

/** Connects, and after the first success again after every loss. */
export async function openConnection(
	settings: ConnectionSettings,
	properties: PropertySet,
	events: ConnectionEvents,
): Promise<MqttClient> {
	const { MqttClient: Client } = (await import("mqtt")).default;
	const client = new Client(() => openSocket(settings), clientOptions(settings, properties));
	let wasConnected = false;
	client.on("connect", (packet) => {
		wasConnected = true;
		events.connected(client, packet);
	});
	client.on("error", (error) => {
		if (!wasConnected) events.failed(failureOf(error, settings));
	});
	client.on("close", () => {
		if (!wasConnected) events.failed(new ClientError("Error: The connection was lost.", 7));
	});
	if (events.debug) logPackets(client, settings, events.debug);
	client.connect();
	return client;
}

function clientOptions(settings: ConnectionSettings, properties: PropertySet): IClientOptions {
	const { protocolVersion, clientId, clean, keepalive, username, password, will, sessionExpiry } = settings;
	const isV5 = protocolVersion === 5;
	const connectProperties = {
		...(sessionExpiry !== undefined && { sessionExpiryInterval: sessionExpiry }),
		...properties.of("connect"),
	};
	const willProperties = properties.of("will");
	return {
		protocolVersion,
		...(protocolVersion === 3 && { protocolId: "MQIsdp" }),
		// MQTT 3.1 has no empty client ids.
		clientId: clientId || (protocolVersion === 3 ? `mosq-${Math.random().toString(36).slice(2, 12)}` : ""),
		clean,
		keepalive,
		reconnectPeriod: reconnectMs,
		resubscribe: false,
		// Else the first packet leaves before anybody can listen.
		manualConnect: true,
		messageIdProvider: new MessageIds(),
		...(username !== undefined && { username }),
		...(password !== undefined && { password }),
		...(isV5 && Object.keys(connectProperties).length > 0 && { properties: connectProperties }),
		...(will && { will: { ...will, ...(isV5 && willProperties && { properties: willProperties }) } }),
	};
}

function openSocket({ host, port, socketPath, tls, noDelay }: ConnectionSettings): Socket {
	if (socketPath !== undefined) return connectPlain({ path: socketPath });
	if (!tls) return connectPlain({ host, port, noDelay });
	const { ca, cert, key, checkHostName } = tls;
	return connectSecurely({
		host,
		port,
		...(isIP(host) === 0 && { servername: host }),
		...(ca && { ca }),
		...(cert && { cert }),
		...(key && { key }),
		// The chain of the certificate is still checked.
		...(!checkHostName && { checkServerIdentity: () => undefined }),
	});
}

function failureOf(
	error: Error & { code?: number | string; errno?: number; syscall?: string },
	settings: ConnectionSettings,
) {
	const { code } = error;
	if (typeof code === "number") return refused(code, settings.protocolVersion, error);
	if (error.syscall === "getaddrinfo") return new ClientError("Unable to connect (Lookup error.).", undefined, error);
	const known = [...getSystemErrorMap().values()].find(([name]) => name === code)?.[1];
	if (known) return new ClientError(`Error: ${known.charAt(0).toUpperCase()}${known.slice(1)}`, undefined, error);
	if (!settings.tls) return new ClientError(`Error: ${error.message}`, undefined, error);
	return new ClientError(`Error: A TLS error occurred. (${error.message})`, undefined, error);
}

function refused(code: number, protocolVersion: 3 | 4 | 5, cause: Error): ClientError {
	return new ClientError(`Connection error: ${refusalText(code, protocolVersion)}`, code, cause);
}

function logPackets(client: MqttClient, { clientId }: ConnectionSettings, debug: (line: string) => void): void {
	let name = clientId || "null";
	let published = 0;
	client.on("packetsend", (packet: Packet) => {
		if (packet.cmd === "publish" && !packet.dup) published++;
		for (const line of sentLines(packet, published)) debug(`Client ${name} ${line}`);
	});
	client.on("packetreceive", (packet: Packet) => {
		if (packet.cmd === "connack") name = packet.properties?.assignedClientIdentifier ?? name;
		for (const line of receivedLines(packet)) debug(`Client ${name} ${line}`);
		if (packet.cmd === "suback") debug(`Subscribed (mid: ${packet.messageId}): ${packet.granted.join(", ")}`);
	});
}
