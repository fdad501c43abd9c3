/** Chapter 1.5: texts and numbers on the wire. */

import { expect } from "@jest/globals";
import { type Part, props, raw } from "../../broker/wire/raw-packet";
import { both, type Chapter, five } from "../case";
import { brief } from "../client";
import type { Stage } from "../stage";

/** With two length bytes. */
const text = (...bytes: readonly number[]): Buffer => Buffer.from([bytes.length >> 8, bytes.length & 255, ...bytes]);

const illFormed = [
	["a byte that begins nothing", text(0x61, 0xc3, 0x28)],
	["a surrogate", text(0xed, 0xa0, 0x80)],
	["an overlong form", text(0xc1, 0x81)],
	["a code point over U+10FFFF", text(0xf4, 0x90, 0x80, 0x80)],
] as const;

const nul = text(0x61, 0, 0x62);

const places: readonly (readonly [string, (stage: Stage, bad: Part) => Buffer])[] = [
	["a topic name", (stage, bad) => raw(0x30, bad, none(stage), "x")],
	["a topic filter", (stage, bad) => raw(0x82, 0, 1, none(stage), bad, 0)],
	["a filter to unsubscribe", (stage, bad) => raw(0xa2, 0, 1, none(stage), bad)],
];

/** No properties, where the version has them. */
function none({ v5 }: Stage): Part {
	return v5 ? [0] : [];
}

export const data: Chapter = {
	title: "1.5 Data representation",
	cases: [
		...illFormed.map(([what, bad]) =>
			both(`${what} in a topic name closes the connection`, "1.5.3-1 3.3.2-1", "1.5.4-1 3.3.2-1", async (stage) => {
				const client = await stage.login();
				client.send(raw(0x30, bad, none(stage), "x"));
				await stage.refuses(client, 0x81);
			}),
		),
		both("ill-formed UTF-8 in a topic filter closes the connection", "3.8.3-1", "3.8.3-1", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x82, 0, 1, none(stage), text(0xff), 0));
			await stage.refuses(client, 0x81);
		}),
		both("ill-formed UTF-8 in UNSUBSCRIBE closes the connection", "3.10.3-1", "3.10.3-1", async (stage) => {
			const client = await stage.login();
			client.send(raw(0xa2, 0, 1, none(stage), text(0xff)));
			await stage.refuses(client, 0x81);
		}),
		...places.map(([where, packet]) =>
			both(`NUL in ${where} closes the connection`, "1.5.3-2 4.7.3-2", "1.5.4-2 4.7.3-2", async (stage) => {
				const client = await stage.login();
				client.send(packet(stage, nul));
				await stage.refuses(client, 0x81);
			}),
		),
		both("U+FEFF is a character of a topic as any other", "1.5.3-3", "1.5.4-3", async (stage) => {
			const client = await stage.login();
			const topic = `\ufeff${stage.topic()}\ufeff`;
			await client.subscribe(topic);
			await client.subscribe(stage.topic());
			await client.publish(topic, "x");
			expect(brief(await client.message())).toBe(`${topic}=x q1`);
			expect(await stage.settled(client, client)).toEqual([]);
		}),
		five("a length in more bytes than it needs closes the connection", "1.5.5-1", async (stage) => {
			const client = await stage.login();
			client.send(Buffer.from([0xc0, 0x80, 0x00]));
			await stage.refuses(client, [0x81, 0x82]);
		}),
		five("a property length in more bytes than it needs closes the connection", "1.5.5-1", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x30, "t", [0x80, 0x00], "x"));
			await stage.refuses(client, [0x81, 0x82]);
		}),
		...(["name", "value"] as const).map((part) =>
			five(`ill-formed UTF-8 in the ${part} of a user property closes the connection`, "1.5.7-1", async (stage) => {
				const client = await stage.login();
				const bad = text(0xff);
				client.send(raw(0x30, "t", props(0x26, part === "name" ? [bad, "v"] : ["n", bad]), "x"));
				await stage.refuses(client, 0x81);
			}),
		),
		five("ill-formed UTF-8 in a response topic closes the connection", "3.3.2-13", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x30, "t", props(0x08, text(0xff)), "x"));
			await stage.refuses(client, 0x81);
		}),
		five("ill-formed UTF-8 in a content type closes the connection", "3.3.2-19", async (stage) => {
			const client = await stage.login();
			client.send(raw(0x30, "t", props(0x03, text(0xff)), "x"));
			await stage.refuses(client, 0x81);
		}),
	],
};
