/** Attacks by somebody who is not logged in. */

import { describe, expect, test } from "@jest/globals";
import { generate } from "mqtt-packet";
import type { AccessControl } from "../../../broker/access/access";
import { anonymousAccess } from "../../../broker/access/anonymous";
import { connectPacket, RawClient } from "../../helpers/raw-client";
import { onEachEngine, publish } from "./arena";

/** Lets everybody in, one client only when it is told to. */
class SlowLogin {
	decide = () => {};
	readonly asked: Promise<void>;
	readonly access: AccessControl;

	constructor(slow: string) {
		const open = anonymousAccess(true);
		const decided = new Promise<void>((resolve) => {
			this.decide = resolve;
		});
		let tell = () => {};
		this.asked = new Promise((resolve) => {
			tell = resolve;
		});
		this.access = {
			...open,
			login: async (login) => {
				if (login.clientId === slow) {
					tell();
					await decided;
				}
				return open.login(login);
			},
		};
	}
}

onEachEngine((arena) => {
	describe("before login", () => {
		test("M1 a CONNECT that announces 256 MB is refused at its header", async () => {
			await using attacked = await arena();
			const client = await RawClient.open(attacked.port);
			client.send(Buffer.from("10ffffff7f00044d51545404", "hex"));
			await client.closed();
			expect(await attacked.refusal()).toBe("A CONNECT is larger than this broker accepts.");
			await attacked.serves();
		});

		test("M1 a CONNECT of 100 kB that trickles in keeps nobody else waiting and ends with the time for a login", async () => {
			await using attacked = await arena({ connectTimeout: 1 });
			const client = await RawClient.open(attacked.port, 5);
			const whole = Buffer.concat([Buffer.from([0x10, 0x80, 0x8d, 0x06]), Buffer.alloc(99_000)]);
			for (let at = 0; at < 50 && !client.isClosed; at++) {
				client.send(whole.subarray(at, at + 1));
				await attacked.serves();
			}
			await client.closed();
			expect(await attacked.refusal()).toBe("no login within 1 seconds");
		});

		test.each([
			["PUBLISH", "30ffffff7f"],
			["SUBSCRIBE", "82ffffff7f"],
			["PINGREQ", "c000"],
			["DISCONNECT", "e000"],
			["CONNACK", "20020000"],
			["a TLS hello", "16030100c8"],
			["an HTTP request", Buffer.from("GET / HTTP/1.1\r\n").toString("hex")],
		])("M2 %s in place of CONNECT is refused", async (_name, hex) => {
			await using attacked = await arena();
			const client = await RawClient.open(attacked.port);
			client.send(Buffer.from(hex, "hex"));
			await client.closed();
			expect(client.inbox).toEqual([]);
			expect(await attacked.refusal()).toMatch(
				/^(The first packet is not CONNECT|A packet came that only a server|The flags)/,
			);
			await attacked.serves();
		});

		test("M3 a connection that stays silent is closed", async () => {
			await using attacked = await arena({ connectTimeout: 1 });
			const clients = await Promise.all(Array.from({ length: 50 }, () => RawClient.open(attacked.port)));
			await attacked.serves();
			await Promise.all(clients.map((client) => client.closed()));
			for (const _client of clients) expect(await attacked.refusal()).toBe("no login within 1 seconds");
			expect(attacked.broker.clients()).toHaveLength(1);
		});

		test("M15 what comes behind a CONNECT whose login takes long waits in the sender, not in the broker", async () => {
			const login = new SlowLogin("early");
			await using attacked = await arena({}, { access: login.access });
			const client = await RawClient.open(attacked.port, 4);
			client.send(connectPacket(4, { clientId: "early" }));
			await login.asked;
			const large = generate(publish("t", 0, { payload: Buffer.alloc(65_536) }));
			client.send(...Array.from({ length: 300 }, () => large));
			for (let round = 0; round < 100; round++) await attacked.serves();
			expect(attacked.broker.metrics().packets.bytesReceived).toBeLessThan(400_000);
			login.decide();
			await client.expect("connack");
			await client.ping();
			expect(attacked.broker.metrics().packets.bytesReceived).toBeGreaterThan(300 * 65_536);
		});

		test("M15 a login that takes too long is given up", async () => {
			const login = new SlowLogin("never");
			await using attacked = await arena({ connectTimeout: 1 }, { access: login.access });
			const client = await RawClient.open(attacked.port, 4);
			client.send(connectPacket(4, { clientId: "never" }));
			await client.closed();
			expect(await attacked.refusal()).toBe("no login within 1 seconds");
			login.decide();
			await attacked.serves();
			expect(attacked.broker.clients().map(({ id }) => id)).toEqual(["witness"]);
		});
	});
});
