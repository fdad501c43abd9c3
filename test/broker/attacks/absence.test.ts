/** Sessions of clients that are away: how long they wait, and how many. */

import { describe, expect, test } from "@jest/globals";
import { RawClient, type Version } from "../../helpers/raw-client";
import { onEachEngine } from "./arena";

onEachEngine((arena) => {
	describe("sessions of clients that are away", () => {
		test.each([60, 0xffff_ffff])(
			"M7 an MQTT 5 client is told that its session waits for less than %d seconds",
			async (asked) => {
				await using attacked = await arena({ sessionExpiryMax: 50 });
				const client = await RawClient.open(attacked.port, 5);
				client.send({
					cmd: "connect",
					protocolId: "MQTT",
					protocolVersion: 5,
					clientId: "long",
					clean: true,
					keepalive: 0,
					properties: { sessionExpiryInterval: asked },
				});
				expect((await client.expect("connack")).properties?.sessionExpiryInterval).toBe(50);
			},
		);

		test.each([4, 5] as const)(
			"M7 no more sessions wait than the broker keeps (MQTT level %d)",
			async (version: Version) => {
				await using attacked = await arena({ absentSessions: 3 });
				const ended: string[] = [];
				attacked.broker.events.on("sessionExpired", (clientId) => ended.push(clientId));
				const lasting = version === 5 ? { properties: { sessionExpiryInterval: 3_600 } } : {};
				for (let at = 0; at < 6; at++) {
					const client = await RawClient.login(attacked.port, version, {
						clientId: `c${at}`,
						clean: false,
						...lasting,
					});
					client.drop();
					await attacked.departure(`c${at}`);
				}
				expect(ended).toEqual(["c3", "c4", "c5"]);
				const present = [];
				for (let at = 0; at < 6; at++) {
					const client = await RawClient.open(attacked.port, version);
					client.send({
						cmd: "connect",
						protocolId: "MQTT",
						protocolVersion: version,
						clientId: `c${at}`,
						clean: false,
						keepalive: 0,
						...lasting,
					});
					present.push((await client.expect("connack")).sessionPresent);
				}
				expect(present).toEqual([true, true, true, false, false, false]);
			},
		);
	});
});
