/** Chapters 3.12 to 3.14: PINGREQ and DISCONNECT. */

import { expect } from "@jest/globals";
import { props, raw } from "../../broker/wire/raw-packet";
import { both, type Chapter, five } from "../case";

export const disconnect: Chapter = {
	title: "3.12 to 3.14 PINGREQ and DISCONNECT",
	cases: [
		both("PINGREQ is answered", "3.12.4-1", "3.12.4-1", async (stage) => {
			const client = await stage.login();
			client.send({ cmd: "pingreq" }, { cmd: "pingreq" });
			await client.raw.count("pingresp", 2);
		}),
		both(
			"the broker closes after DISCONNECT, and handles nothing behind it",
			"3.14.4-1 3.14.4-2",
			"3.14.4-1 3.14.4-2",
			async (stage) => {
				const witness = await stage.login();
				await witness.subscribe(stage.topic());
				const client = await stage.login();
				client.send(raw(0xe0), raw(0x30, stage.topic(), stage.v5 ? [0] : [], Buffer.from("late")), raw(0xc0));
				await client.closed();
				expect(client.raw.counts.pingresp).toBeUndefined();
				expect(await stage.settled(witness, witness)).toEqual([]);
			},
		),
		five(
			"a broker that stops tells its clients with 0x8B, without a session expiry interval",
			"3.14.2-1 3.14.2-2 3.14.4-2",
			async (stage) => {
				const target = await stage.restartable();
				const client = await stage.login({}, target.port);
				await Promise.all([target.restart(), client.closed()]);
				const last = await client.expect("disconnect").catch(() => undefined);
				expect(last?.reasonCode).toBe(0x8b);
				expect(last?.properties?.sessionExpiryInterval).toBeUndefined();
			},
			{ needs: "restart" },
		),
		five("no DISCONNECT before CONNACK", "3.14.0-1", async (stage) => {
			const client = await stage.open();
			client.send(raw(0x30, "t", 0, "x"));
			await client.closed();
			expect(client.raw.inbox).toEqual([]);
		}),
		five("the reasons with which the broker closes are those of DISCONNECT", "3.14.2-1", async (stage) => {
			for (const wrong of [
				raw(0x36, "t", 0, 1, 0),
				raw(0x82, 0, 1, 0),
				raw(0xd0),
				raw(0x30, "t", props(0x23, 255, 255)),
			]) {
				const client = await stage.login();
				client.send(wrong);
				const code = await client.closed();
				if (code !== undefined) expect([0x81, 0x82, 0x94]).toContain(code);
			}
		}),
		five("a DISCONNECT with a reason that only servers give closes the connection", "4.13.1-1", async (stage) => {
			const client = await stage.login();
			client.send(raw(0xe0, 0x8b));
			await client.closed();
		}),
		...(
			[
				["CONNACK", raw(0x20, 0, 0, 0)],
				["SUBACK", raw(0x90, 0, 1, 0, 0)],
				["UNSUBACK", raw(0xb0, 0, 1, 0, 0)],
				["PINGRESP", raw(0xd0)],
			] as const
		).map(([what, packet]) =>
			both(`${what}, which only servers send, closes the connection`, "4.8.0-1", "4.13.1-1", async (stage) => {
				const client = await stage.login();
				client.send(packet);
				await stage.refuses(client, [0x81, 0x82]);
			}),
		),
	],
};
