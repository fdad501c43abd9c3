/** Chapters 3.15 and 4.12: AUTH. */

import { expect } from "@jest/globals";
import { props, raw } from "../../broker/wire/raw-packet";
import { connectPacket } from "../../helpers/raw-client";
import { type Act, type Chapter, five } from "../case";
import type { Client } from "../client";
import { ScramClient } from "../scram";
import type { Stage } from "../stage";
import { user } from "../users";

const METHOD = "SCRAM-SHA-256";
const CONTINUE = 0x18;
const AGAIN = 0x19;

const scram = (name: string, cites: string, act: Act) => five(name, cites, act, { needs: "scram" });

/** CONNECT up to the server's challenge. */
async function challenged(stage: Stage, exchange: ScramClient): Promise<{ client: Client; challenge: Buffer }> {
	const client = await stage.open(5, stage.target.usersPort);
	const properties = { authenticationMethod: METHOD, authenticationData: exchange.first() };
	client.send(connectPacket(5, { clientId: stage.id(), properties }));
	const auth = await client.expect("auth");
	expect(auth).toMatchObject({ reasonCode: CONTINUE, properties: { authenticationMethod: METHOD } });
	return { client, challenge: auth.properties?.authenticationData ?? Buffer.alloc(0) };
}

function answer(client: Client, reasonCode: number, authenticationData: Buffer, authenticationMethod = METHOD): void {
	client.send({ cmd: "auth", reasonCode, properties: { authenticationMethod, authenticationData } });
}

async function loggedIn(stage: Stage): Promise<Client> {
	const exchange = new ScramClient(user.username, user.password.toString());
	const { client, challenge } = await challenged(stage, exchange);
	answer(client, CONTINUE, exchange.final(challenge));
	const { reasonCode, properties } = await client.expect("connack");
	expect([reasonCode, properties?.authenticationMethod]).toEqual([0, METHOD]);
	expect(exchange.trusts(properties?.authenticationData ?? Buffer.alloc(0))).toBe(true);
	return client;
}

export const authentication: Chapter = {
	title: "3.15 and 4.12 AUTH",
	cases: [
		five("AUTH with flags that are reserved closes the connection", "3.15.1-1", async (stage) => {
			const client = await stage.login();
			client.send(raw(0xf1, 0));
			await stage.refuses(client, 0x81);
		}),
		five("AUTH of a client that named no method closes the connection", "4.12.0-7", async (stage) => {
			const client = await stage.login();
			client.send(raw(0xf0, CONTINUE, props(0x15, METHOD)));
			await stage.refuses(client, 0x82);
		}),
		five(
			"a client that names no method gets none",
			"4.12.0-6",
			async (stage) => {
				const { client, connack } = await stage.connect(user, stage.target.usersPort);
				expect(connack.properties?.authenticationMethod).toBeUndefined();
				expect(client.raw.counts.auth).toBeUndefined();
			},
			{ needs: "users" },
		),
		five("a method that the broker does not know is refused", "4.12.0-1", async (stage) => {
			const client = await stage.open();
			const properties = { authenticationMethod: "NO-SUCH-METHOD", authenticationData: Buffer.from("x") };
			client.send(connectPacket(5, { clientId: stage.id(), properties }));
			const connack = await client.expectOrClosed("connack");
			if (connack) expect([0x8c, 0x87]).toContain(connack.reasonCode);
			await client.closed();
		}),
		five("authentication data without a method is refused", "4.13.1-1", async (stage) => {
			const client = await stage.open();
			client.send(raw(0x10, "MQTT", 5, 2, 0, 0, props(0x16, "data"), stage.id()));
			const connack = await client.expectOrClosed("connack");
			if (connack) expect([0x81, 0x82]).toContain(connack.reasonCode);
			await client.closed();
		}),
		scram(
			"SCRAM-SHA-256 logs a client in, and shows it that the broker knows it",
			"4.12.0-2 4.12.0-5 3.15.2-1",
			async (stage) => {
				const client = await loggedIn(stage);
				await client.subscribe(`open/${stage.topic()}`, 1);
				await client.publish(`open/${stage.topic()}`, "x");
				expect((await client.message()).payload.toString()).toBe("x");
			},
		),
		...(
			[
				["a wrong password", new ScramClient(user.username, "wrong")],
				["an unknown user", new ScramClient("nobody", "wrong")],
			] as const
		).map(([what, exchange]) =>
			scram(`SCRAM-SHA-256 with ${what} is refused after the same exchange`, "4.12.0-4", async (stage) => {
				const { client, challenge } = await challenged(stage, exchange);
				answer(client, CONTINUE, exchange.final(challenge));
				expect([0x86, 0x87]).toContain((await client.expect("connack")).reasonCode);
				await client.closed();
			}),
		),
		scram("what a client sends before it is authenticated is not looked at", "3.1.4-6", async (stage) => {
			const witness = await stage.login(user, stage.target.usersPort);
			const topic = `open/${stage.topic()}`;
			await witness.subscribe(topic);
			const exchange = new ScramClient(user.username, user.password.toString());
			const { client } = await challenged(stage, exchange);
			client.send(raw(0x30, topic, 0, Buffer.from("early")), { cmd: "pingreq" });
			await client.closed();
			expect(client.raw.counts.pingresp).toBeUndefined();
			await witness.publish(topic, "own");
			expect((await witness.message()).payload.toString()).toBe("own");
		}),
		scram("an AUTH with another reason than to continue is refused", "4.12.0-3", async (stage) => {
			const exchange = new ScramClient(user.username, user.password.toString());
			const { client, challenge } = await challenged(stage, exchange);
			answer(client, AGAIN, exchange.final(challenge));
			await client.closed();
			expect(client.raw.inbox.some((packet) => packet.cmd === "connack" && packet.reasonCode === 0)).toBe(false);
		}),
		scram("a client authenticates itself again over the same connection", "4.12.1-1", async (stage) => {
			const client = await loggedIn(stage);
			const exchange = new ScramClient(user.username, user.password.toString());
			answer(client, AGAIN, exchange.first());
			const challenge = await client.expect("auth");
			expect(challenge.reasonCode).toBe(CONTINUE);
			answer(client, CONTINUE, exchange.final(challenge.properties?.authenticationData ?? Buffer.alloc(0)));
			const { reasonCode, properties } = await client.expect("auth");
			expect(reasonCode).toBe(0);
			expect(exchange.trusts(properties?.authenticationData ?? Buffer.alloc(0))).toBe(true);
			await client.ping();
		}),
		scram("a client that fails to authenticate itself again is closed", "4.12.1-2", async (stage) => {
			const client = await loggedIn(stage);
			const exchange = new ScramClient(user.username, "wrong");
			answer(client, AGAIN, exchange.first());
			const challenge = await client.expect("auth");
			answer(client, CONTINUE, exchange.final(challenge.properties?.authenticationData ?? Buffer.alloc(0)));
			await stage.refuses(client, [0x86, 0x87]);
		}),
		scram("another method than before closes the connection", "4.12.1-1 4.12.0-5", async (stage) => {
			const client = await loggedIn(stage);
			answer(client, AGAIN, Buffer.from("n,,"), "SCRAM-SHA-1");
			await stage.refuses(client, 0x82);
		}),
	],
};
