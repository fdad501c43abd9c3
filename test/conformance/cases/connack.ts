/** Chapter 3.2: CONNACK. */

import { expect } from "@jest/globals";
import { connectPacket } from "../../helpers/raw-client";
import { both, type Chapter, five, four } from "../case";
import { packetBytes } from "../packet-bytes";

export const connack: Chapter = {
	title: "3.2 CONNACK",
	cases: [
		both("CONNACK is the first packet, and there is one of it", "3.2.0-1", "3.2.0-1 3.2.0-2", async (stage) => {
			const clientId = stage.id();
			const first = await stage.login(stage.lasting(clientId));
			await first.subscribe(stage.topic());
			await first.leave();
			const publisher = await stage.login();
			await publisher.publish(stage.topic(), "waits");
			const client = await stage.open();
			client.send(connectPacket(stage.version, stage.lasting(clientId)), { cmd: "pingreq" });
			await client.expect("publish");
			await client.ping();
			expect(client.bytes[0]).toBe(0x20);
			expect(client.raw.counts.connack).toBe(1);
		}),
		both("the flags of CONNACK are 0 but for session present", "3.2.2-1 3.2.2-2", "3.2.2-1", async (stage) => {
			const clientId = stage.id();
			const first = await stage.login(stage.lasting(clientId));
			const second = await stage.login(stage.lasting(clientId));
			const flags = [first, second].map(({ bytes }) => packetBytes(bytes)?.[2]);
			expect(flags).toEqual([0, 1]);
		}),
		four("CONNACK of 3.1.1 has four bytes", "3.2.2-1 3.1.4-4", async (stage) => {
			const client = await stage.login();
			expect(client.bytes.toString("hex")).toBe("20020000");
		}),
		five("the server's limits that CONNACK tells are possible ones", "3.2.2-9", async (stage) => {
			const { connack: answer } = await stage.connect();
			const { maximumQoS, receiveMaximum, maximumPacketSize } = answer.properties ?? {};
			// Here QoS 2 is supported: a server that has it does not send this property.
			expect(maximumQoS).toBeUndefined();
			if (receiveMaximum !== undefined) expect(receiveMaximum).toBeGreaterThan(0);
			if (maximumPacketSize !== undefined) expect(maximumPacketSize).toBeGreaterThan(0);
		}),
		five(
			"what is not said to be missing is there: wildcards, identifiers, shared subscriptions, retain",
			"",
			async (stage) => {
				const { client, connack: answer } = await stage.connect();
				const properties = answer.properties ?? {};
				expect(properties.wildcardSubscriptionAvailable).not.toBe(false);
				expect(properties.subscriptionIdentifiersAvailable).not.toBe(false);
				expect(properties.sharedSubscriptionAvailable).not.toBe(false);
				expect(properties.retainAvailable).not.toBe(false);
				const { granted } = await client.subscribe(
					[`${stage.topic()}/+`, `$share/g/${stage.topic()}`],
					2,
					{},
					{ subscriptionIdentifier: 7 },
				);
				expect(granted).toEqual([2, 2]);
			},
		),
		five("a session expiry that the server shortened is told", "", async (stage) => {
			const { connack: answer } = await stage.connect({ properties: { sessionExpiryInterval: 60 } });
			expect([undefined, 60]).toContain(answer.properties?.sessionExpiryInterval);
		}),
		five(
			"no packet exceeds a maximum packet size that only CONNACK's least fits in",
			"3.2.2-19 3.2.2-20",
			async (stage) => {
				// The longest reasons would come with a refusal.
				const fields = { username: "ann", password: Buffer.from("wrong"), properties: { maximumPacketSize: 20 } };
				const client = await stage.open(5, stage.target.usersPort);
				client.send(connectPacket(5, { clientId: stage.id(), ...fields }));
				await client.closed();
				expect(client.bytes.length).toBeLessThanOrEqual(20);
			},
			{ needs: "users" },
		),
		both(
			"a client id that is in use is refused nobody: the newer connection is served",
			"3.1.4-2",
			"3.1.4-3 3.14.4-2",
			async (stage) => {
				const clientId = stage.id();
				const older = await stage.login({ clientId });
				const newer = await stage.login({ clientId });
				await older.closed();
				await newer.ping();
			},
		),
	],
};
