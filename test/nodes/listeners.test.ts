import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { HostedBroker } from "../../broker";
import { createCertificates } from "../../broker/certs/create";
import { type EmbeddedNodeRed, startNodeRed } from "../helpers/embedded-node-red";
import { connect } from "../helpers/mqtt-client";

describe("the broker node with more than one listener", () => {
	let red: EmbeddedNodeRed;
	let folder: string;
	let certFile: string;
	let keyFile: string;
	let ca: string;

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "flowbroker-node-tls-"));
		const made = await createCertificates({ hosts: ["127.0.0.1"], out: folder });
		certFile = made.cert;
		keyFile = made.key;
		ca = readFileSync(made.ca, "utf8");
		red = await startNodeRed();
	});

	afterAll(async () => {
		await red.stop();
		rmSync(folder, { recursive: true });
	});

	const broker = (more: Record<string, unknown>) => ({ id: "b1", type: "flowbroker-broker", port: 0, ...more });

	test("serves clients over TCP, TLS and WebSocket, and passes messages between them", async () => {
		await red.deploy([broker({ tlsPort: 0, wsPort: 0, wssPort: 0, certFile, keyFile })]);
		const hosted = red.node<HostedBroker>("b1");
		await hosted.started;
		const listeners = hosted.broker?.listeners ?? [];
		expect(listeners.map(({ kind, up }) => [kind, up])).toEqual(
			["tcp", "tls", "ws", "wss"].map((kind) => [kind, true]),
		);
		const protocols = { tcp: "mqtt", tls: "mqtts", ws: "ws", wss: "wss", unix: "" };
		const clients = await Promise.all(
			listeners.map(({ kind, port }) => connect(`${protocols[kind]}://127.0.0.1:${port}`, { ca })),
		);
		for (const { mqtt } of clients) await mqtt.subscribeAsync("all");
		await clients[1]?.mqtt.publishAsync("all", "hello", { qos: 1 });
		for (const client of clients) expect((await client.next()).text).toBe("hello");
		await Promise.all(clients.map((client) => client.close()));
	});

	test("says what is wrong with a certificate, and serves the other port", async () => {
		red.clear();
		await red.deploy([broker({ tlsPort: 0, certFile: join(folder, "missing.crt"), keyFile })]);
		const hosted = red.node<HostedBroker>("b1");
		await hosted.started;
		expect(hosted.broker?.listeners.map(({ kind, up }) => [kind, up])).toEqual([
			["tcp", true],
			["tls", false],
		]);
		expect(red.log.map(({ msg }) => msg)).toContainEqual(expect.stringContaining("missing.crt"));
	});

	test("takes a written list in place of address and ports, without any listener that is not in it", async () => {
		const list = [
			{ kind: "tls", name: "house", port: 0, tls: { certFile, keyFile } },
			{ kind: "tls", name: "garden", host: "127.0.0.2", port: 0, tls: { certFile, keyFile } },
		];
		await red.deploy([broker({ listeners: JSON.stringify(list), access: "any", wsPort: 0 })]);
		const hosted = red.node<HostedBroker>("b1");
		await hosted.started;
		const listeners = hosted.broker?.listeners ?? [];
		expect(listeners.map(({ name, host, up }) => [name, host, up])).toEqual([
			["house", "127.0.0.1", true],
			["garden", "127.0.0.2", true],
		]);
		const client = await connect(`mqtts://127.0.0.1:${listeners[0]?.port}`, { ca, username: "any", password: "thing" });
		await client.close();
	});

	test("refuses a list that can't be read, and one with a key in it, without showing the key", async () => {
		red.clear();
		for (const listeners of ["[{", '[{"kind": "tls", "tls": {"key": "hidden"}}]', "[]"]) {
			await red.deploy([broker({ listeners })]);
			await expect(red.node<HostedBroker>("b1").started).rejects.toThrow('The field "listeners"');
		}
		expect(JSON.stringify(red.log)).not.toContain("hidden");
	});

	test("says that a path needs Node-RED's own HTTP server where there is none", async () => {
		await red.deploy([broker({ webPath: "/mqtt" })]);
		await expect(red.node<HostedBroker>("b1").started).rejects.toThrow("needs Node-RED's own HTTP server");
	});
});
