import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { IClientOptions } from "mqtt";
import { connect } from "../../helpers/mqtt-client";
import { type House, makeHouse } from "./house";
import { namedAccess } from "./named-access";
import { nextState, type RunningBroker, run } from "./running";

let house: House;
beforeAll(async () => {
	house = await makeHouse();
});
afterAll(async () => house[Symbol.asyncDispose]());

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));

describe("five listeners of one broker", () => {
	let running: RunningBroker;
	let socketFile: string;

	beforeAll(async () => {
		socketFile = join(house.folder, "mqtt.sock");
		const listeners = [
			{ kind: "tcp", port: 0 },
			{ kind: "tls", port: 0, tls: house.files },
			{ kind: "ws", port: 0 },
			{ kind: "wss", port: 0, tls: house.files },
			{ kind: "unix", path: socketFile },
		].map((listener) => ({ ...listener, name: listener.kind }));
		running = await run({ listeners });
	});
	afterAll(async () => running[Symbol.asyncDispose]());

	const open = (kind: string, options: IClientOptions = {}) => {
		if (kind === "unix") return connect(`mqtt+unix://${socketFile}`, options);
		const protocol = { tcp: "mqtt", tls: "mqtts", ws: "ws", wss: "wss" }[kind];
		return connect(`${protocol}://127.0.0.1:${running.port(kind)}`, { ...options, ca: house.ca.certificatePem });
	};

	test.each(["tcp", "tls", "ws", "wss", "unix"])("serve a client over %s, also with large messages", async (kind) => {
		const client = await open(kind, { clientId: kind, protocolVersion: 5 });
		await client.mqtt.subscribeAsync("big", { qos: 1 });
		const payload = Buffer.alloc(300_000, kind);
		await client.mqtt.publishAsync("big", payload, { qos: 1 });
		expect(payload.equals((await client.next()).packet.payload as Buffer)).toBe(true);
		const known = running.broker.clients().find(({ id }) => id === kind);
		expect(known).toMatchObject({ listener: kind, address: "127.0.0.1" });
		await client.close();
	});

	test("pass messages from each to all", async () => {
		const clients = await Promise.all(["tcp", "tls", "ws", "wss", "unix"].map((kind) => open(kind)));
		await Promise.all(clients.map(({ mqtt }) => mqtt.subscribeAsync("all")));
		for (const [at, { mqtt }] of clients.entries()) await mqtt.publishAsync("all", String(at), { qos: 1 });
		for (const client of clients) {
			expect((await client.count(5)).map(({ text }) => text).sort()).toEqual(["0", "1", "2", "3", "4"]);
		}
		await Promise.all(clients.map((client) => client.close()));
	});

	test("speak MQTT 3.1 over WebSocket too, by its own subprotocol", async () => {
		const client = await open("ws", { clientId: "old", protocolId: "MQIsdp", protocolVersion: 3 });
		const old = running.broker.clients().find(({ id }) => id === "old");
		expect(old).toMatchObject({ protocolVersion: 3, listener: "ws" });
		await client.close();
	});

	test("show their certificate, with the days that it holds", () => {
		expect(running.listener("tls").certificate).toMatchObject({ subject: "CN=first", daysLeft: 9 });
		expect(running.listener("wss").certificate?.notAfter).toBeGreaterThan(Date.now());
		expect(running.listener("tcp").certificate).toBeUndefined();
	});
});

describe("a listener", () => {
	(hasIpv6 ? test : test.skip)("serves IPv6, and IPv4 beside it where it is bound to all addresses", async () => {
		await using running = await run({ listeners: [{ host: "::", port: 0 }], anonymous: true });
		const six = await connect(`mqtt://[::1]:${running.port("tcp")}`, { clientId: "six" });
		const four = await connect(`mqtt://127.0.0.1:${running.port("tcp")}`, { clientId: "four" });
		const addresses = Object.fromEntries(running.broker.clients().map(({ id, address }) => [id, address]));
		expect(addresses).toEqual({ six: "::1", four: "127.0.0.1" });
		await six.close();
		await four.close();
	});

	test("takes a socket file over that a crashed program left behind, but no other file", async () => {
		const folder = await mkdtemp(join(tmpdir(), "flowbroker-unix-"));
		const path = join(folder, "left.sock");
		await leaveSocketBehind(path);
		const document = join(folder, "document.txt");
		await writeFile(document, "precious");
		const listeners = [
			{ kind: "unix", name: "left", path },
			{ kind: "unix", name: "document", path: document },
			{ kind: "unix", name: "nowhere", path: join(folder, "no", "such.sock") },
		];
		await using running = await run({ listeners });
		const client = await connect(`mqtt+unix://${path}`);
		await client.close();
		expect(running.listener("document").error).toMatchObject({ code: "PORT_IN_USE" });
		expect(running.listener("nowhere").error?.message).toMatch(
			/^The socket file .* can't be made: its folder must exist/,
		);
		await rm(folder, { recursive: true });
	});

	test("that is in use by somebody is not taken over", async () => {
		const folder = await mkdtemp(join(tmpdir(), "flowbroker-unix-"));
		const path = join(folder, "busy.sock");
		await using first = await run({ listeners: [{ kind: "unix", path }] });
		await using second = await run({ listeners: [{ kind: "unix", path }] });
		expect(first.listener("unix").up).toBe(true);
		expect(second.listener("unix").error?.message).toContain(`The socket file ${path} is already in use`);
		await rm(folder, { recursive: true });
	});

	test("opens when its certificate appears, and serves others meanwhile", async () => {
		const later = await makeHouse();
		const certFile = join(later.folder, "later.pem");
		const listeners = [
			{ kind: "tls", name: "tls", port: 0, tls: { ...later.files, certFile } },
			{ kind: "tcp", name: "tcp", port: 0 },
		];
		await using running = await run({ listeners });
		expect(running.listener("tls")).toMatchObject({ up: false, error: { code: "CERTIFICATE_UNREADABLE" } });
		expect(running.listener("tls").error?.message).toBe(
			`The certificate can't be read from ${certFile}: there is no such file. Correct the path, or make certificates with "flowbroker certs create".`,
		);
		const client = await connect(`mqtt://127.0.0.1:${running.port("tcp")}`);
		await client.close();
		const up = nextState(running.broker, "tls", (state) => state.up);
		const renewed = await later.renew("late");
		await writeFile(certFile, renewed.certificatePem);
		expect(await up).toMatchObject({ certificate: { subject: "CN=late" } });
		const secure = await connect(`mqtts://127.0.0.1:${running.port("tls")}`, { ca: later.ca.certificatePem });
		await secure.close();
		await later[Symbol.asyncDispose]();
	});
});

describe("the settings of one listener", () => {
	test.each([
		[3, [5], 1],
		[4, [3, 5], 1],
		[5, [4], 0x84],
	] as const)("refuse MQTT level %d where only %j is spoken, with code %d", async (level, protocolVersions, code) => {
		await using running = await run({ listeners: [{ port: 0, protocolVersions }] });
		const options = level === 3 ? { protocolId: "MQIsdp", protocolVersion: 3 } : { protocolVersion: level };
		const refused = connect(`mqtt://127.0.0.1:${running.port("tcp")}`, options as IClientOptions);
		await expect(refused).rejects.toMatchObject({ code });
	});

	test("let anonymous clients in at one listener and not at another", async () => {
		const listeners = [
			{ name: "open", port: 0, anonymous: true },
			{ name: "closed", port: 0, anonymous: false },
			{ name: "usual", port: 0 },
		];
		await using running = await run({ listeners, anonymous: false });
		const client = await connect(`mqtt://127.0.0.1:${running.port("open")}`);
		await client.close();
		for (const name of ["closed", "usual"]) {
			const url = `mqtt://127.0.0.1:${running.port(name)}`;
			await expect(connect(url)).rejects.toThrow("Not authorized");
			// Nobody is a user here, whatever name they give.
			await expect(connect(url, { username: "x", password: "y" })).rejects.toThrow("Not authorized");
		}
	});

	test("let only some users and groups in, and nobody without user name", async () => {
		const listeners = [{ port: 0, users: ["anna"], groups: ["lamps"] }];
		await using running = await run({ listeners }, { access: namedAccess({ hall: ["lamps"], mallory: ["guests"] }) });
		const url = `mqtt://127.0.0.1:${running.port("tcp")}`;
		for (const username of ["anna", "hall"]) {
			const client = await connect(url, { username });
			await client.close();
		}
		await expect(connect(url, { username: "mallory", protocolVersion: 4 })).rejects.toMatchObject({ code: 5 });
		await expect(connect(url, { username: "mallory", protocolVersion: 5 })).rejects.toMatchObject({ code: 0x87 });
		await expect(connect(url)).rejects.toThrow("Not authorized");
	});
});

/** What a broker leaves that was killed: a socket file that nobody listens on. */
async function leaveSocketBehind(path: string): Promise<void> {
	const { execFile } = await import("node:child_process");
	const program = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
	await new Promise<void>((resolve) => {
		execFile(process.execPath, ["-e", program], () => resolve());
	});
}
