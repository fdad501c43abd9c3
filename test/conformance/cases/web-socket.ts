/** Chapter 6: MQTT over WebSocket. */

import { once } from "node:events";
import { expect } from "@jest/globals";
import { generate, type Packet, parser } from "mqtt-packet";
import WebSocket from "ws";
import { LookOut } from "../../helpers/look-out";
import { connectPacket } from "../../helpers/raw-client";
import { both, type Chapter } from "../case";
import type { Stage } from "../stage";

interface Page extends Disposable {
	readonly socket: WebSocket;
	send(...packets: readonly Packet[]): void;
	/** The first packet of the type, now or later. */
	expect(cmd: Packet["cmd"]): Promise<Packet>;
}

async function open(stage: Stage): Promise<Page> {
	const socket = new WebSocket(`ws://127.0.0.1:${stage.target.webSocketPort}/mqtt`, "mqtt");
	const lookOut = new LookOut();
	const inbox: Packet[] = [];
	const reader = parser({ protocolVersion: stage.version });
	reader.on("packet", (packet) => {
		inbox.push(packet);
		lookOut.changed();
	});
	socket.on("message", (data, isBinary) => {
		expect(isBinary).toBe(true);
		reader.parse(data as Buffer);
	});
	await once(socket, "open");
	return {
		socket,
		send: (...packets) =>
			socket.send(Buffer.concat(packets.map((one) => generate(one, { protocolVersion: stage.version })))),
		expect: (cmd) => lookOut.until(() => inbox.find((packet) => packet.cmd === cmd)),
		[Symbol.dispose]: () => socket.terminate(),
	};
}

export const webSocket: Chapter = {
	title: "6 WebSocket",
	cases: [
		both(
			"the broker chooses the subprotocol mqtt",
			"6.0.0-4",
			"6.0.0-4",
			async (stage) => {
				using page = await open(stage);
				expect(page.socket.protocol).toBe("mqtt");
			},
			{ needs: "websocket" },
		),
		both(
			"packets are not bound to frames",
			"6.0.0-2 6.0.0-1",
			"6.0.0-2 6.0.0-1",
			async (stage) => {
				using page = await open(stage);
				const topic = stage.topic();
				const packets: readonly Packet[] = [
					connectPacket(stage.version, { clientId: stage.id() }),
					{ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos: 0 }] },
					{ cmd: "publish", topic, payload: "x", qos: 0, dup: false, retain: false },
				];
				const all = Buffer.concat(packets.map((one) => generate(one, { protocolVersion: stage.version })));
				// One byte alone, the rest of CONNECT with a half of SUBSCRIBE, and what is left.
				for (const [start, end] of [
					[0, 1],
					[1, 30],
					[30, all.length],
				] as const)
					page.socket.send(all.subarray(start, end));
				await page.expect("connack");
				await page.expect("suback");
				await page.expect("publish");
			},
			{ needs: "websocket" },
		),
		both(
			"a text frame closes the connection",
			"6.0.0-1",
			"6.0.0-1",
			async (stage) => {
				using page = await open(stage);
				page.send(connectPacket(stage.version, { clientId: stage.id() }));
				await page.expect("connack");
				page.socket.send("text");
				await once(page.socket, "close");
			},
			{ needs: "websocket" },
		),
	],
};
