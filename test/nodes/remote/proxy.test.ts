import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createCertificates } from "../../../broker/certs/create";
import { brokerDefaults } from "../../../nodes/broker/properties";
import { proxyOf } from "../../../nodes/broker/remote/proxy";
import type { Server, TlsSettings } from "../../../nodes/broker/remote/remote-options";
import { RemoteService } from "../../../nodes/broker/remote/remote-service";
import { remoteOptionsOf } from "../../../nodes/broker/remote-settings";
import type { HostReport } from "../../../nodes/broker/service";
import { startBroker } from "../../helpers/broker";
import { LookOut } from "../../helpers/look-out";

describe("an HTTP proxy", () => {
	let proxy: HttpServer;
	let asked: string[];
	let logins: (string | undefined)[];
	let status: string;
	const sockets = new Set<Socket>();

	beforeEach(async () => {
		asked = [];
		logins = [];
		status = "200 Connection established";
		proxy = createServer();
		proxy.on("connect", ({ url, headers }, socket: Socket) => {
			asked.push(url ?? "");
			logins.push(headers["proxy-authorization"]);
			if (!status.startsWith("200")) {
				socket.end(`HTTP/1.1 ${status}\r\n\r\n`);
				return;
			}
			const [host, port] = (url ?? "").split(":");
			const onward = connect({ host, port: Number(port) }, () => socket.write(`HTTP/1.1 ${status}\r\n\r\n`));
			for (const one of [socket, onward]) {
				sockets.add(one);
				one.on("error", () => {});
			}
			socket.pipe(onward).pipe(socket);
		});
		await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
	});
	afterEach(async () => {
		for (const socket of sockets) socket.destroy();
		sockets.clear();
		await new Promise((resolve) => proxy.close(resolve));
	});

	const proxyUrl = (login = "") => `http://${login}127.0.0.1:${(proxy.address() as AddressInfo).port}`;

	async function run(broker: string, environment: Record<string, string>, tls: Partial<TlsSettings> = {}) {
		const reports: HostReport[] = [];
		const lookOut = new LookOut();
		const properties = {
			...brokerDefaults,
			broker,
			reconnectMin: 0.05,
			reconnectMax: 0.1,
			usetls: broker.startsWith("wss"),
			tls: "id",
		};
		const surroundings = { lookup: () => undefined, login: {}, tlsOf: () => ({ rejectUnauthorized: true, ...tls }) };
		const service = new RemoteService(remoteOptionsOf(properties, { ...surroundings, environment }), {
			changed: lookOut.changed,
			report: (report) => reports.push(report),
		});
		await service.start();
		return {
			reports,
			until: (kind: string) => lookOut.until(() => (service.state.kind === kind ? true : undefined)),
			[Symbol.asyncDispose]: () => service.stop(),
		};
	}

	test("is on the way to a broker by WebSocket, with its login", async () => {
		await using broker = await startBroker({ listeners: [{ kind: "ws", port: 0 }] });
		await using running = await run(`ws://127.0.0.1:${broker.port}`, { http_proxy: proxyUrl("anna:sp%40de@") });
		await running.until("connected");
		expect(asked).toEqual([`127.0.0.1:${broker.port}`]);
		expect(logins).toEqual([`Basic ${Buffer.from("anna:sp@de").toString("base64")}`]);
		expect(JSON.stringify(running.reports)).not.toContain("sp%40de");
	});

	test("is on the way to a broker by encrypted WebSocket, whose certificate is checked all the same", async () => {
		const folder = await mkdtemp(join(tmpdir(), "flowbroker-test-"));
		const { ca, cert, key } = await createCertificates({ hosts: ["localhost"], out: folder });
		const listener = { kind: "wss", port: 0, tls: { certFile: cert, keyFile: key } };
		await using broker = await startBroker({ listeners: [listener] });
		const environment = { https_proxy: proxyUrl() };
		await using running = await run(`wss://localhost:${broker.port}`, environment, { ca: await readFile(ca) });
		await running.until("connected");
		expect(asked).toEqual([`localhost:${broker.port}`]);
		await using stranger = await run(`wss://localhost:${broker.port}`, environment);
		await stranger.until("away");
		expect(stranger.reports).toMatchObject([{ error: { code: "CERTIFICATE_NOT_TRUSTED" } }]);
		await rm(folder, { recursive: true });
	});

	test("is not on the way to a broker that is named as an exception, nor without WebSocket", async () => {
		await using broker = await startBroker({ listeners: [{ kind: "ws", port: 0 }, { port: 0 }] });
		const [webSocket, tcp] = broker.broker.listeners;
		const environment = { http_proxy: proxyUrl(), no_proxy: "127.0.0.1" };
		await using direct = await run(`ws://127.0.0.1:${webSocket?.port}`, environment);
		await direct.until("connected");
		await using plain = await run(`mqtt://127.0.0.1:${tcp?.port}`, { http_proxy: proxyUrl() });
		await plain.until("connected");
		expect(asked).toEqual([]);
	});

	test("that refuses is told as the reason", async () => {
		status = "403 Forbidden";
		await using running = await run("ws://broker.example:80", { ALL_PROXY: proxyUrl() });
		await running.until("away");
		expect(running.reports).toMatchObject([
			{ error: { message: expect.stringMatching(/the proxy \S+ answers 403 Forbidden/) } },
		]);
	});

	test("that is not there is told as the reason", async () => {
		await using running = await run("ws://broker.example:80", { http_proxy: "127.0.0.1:1" });
		await running.until("away");
		expect(running.reports).toMatchObject([
			{ error: { message: expect.stringContaining("the proxy 127.0.0.1:1 can't be reached") } },
		]);
	});

	test.each([
		["*", "pi.example.com", undefined],
		["example.com", "pi.example.com", undefined],
		[".example.com", "pi.example.com", undefined],
		["*.example.com", "pi.example.com", undefined],
		["other.com, pi.example.com:443", "pi.example.com", undefined],
		["example.com:80", "pi.example.com", "http://proxy:3128"],
		["ample.com", "pi.example.com", "http://proxy:3128"],
		["", "pi.example.com", "http://proxy:3128"],
	])("with the exceptions %p: %s", (exceptions, host, expected) => {
		const server: Server = { scheme: "wss", host, port: 443, path: "/" };
		expect(proxyOf(server, { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: exceptions })).toBe(expected);
	});
});
