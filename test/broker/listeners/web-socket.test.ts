import { once } from "node:events";
import { createServer, get, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import mqtt from "mqtt-packet";
import { WebSocket, WebSocketServer } from "ws";
import { connect } from "../../helpers/mqtt-client";
import { connectPacket, nextRefusal, type RunningBroker, run, WELCOME, wire } from "./running";

interface Answer {
	/** Of HTTP; 101 when there is a WebSocket. */
	readonly status: number;
	readonly body: string;
	readonly webSocket: WebSocket;
}

/** Asks for a WebSocket as a browser would. */
function ask(url: string, protocols: string[] = ["mqtt"], headers: Record<string, string> = {}): Promise<Answer> {
	const webSocket = new WebSocket(url, protocols, { headers });
	return new Promise((resolve, reject) => {
		webSocket.once("open", () => resolve({ status: 101, body: "", webSocket }));
		webSocket.once("error", reject);
		webSocket.once("unexpected-response", async (_request, response) => {
			const chunks: Buffer[] = [];
			for await (const chunk of response) chunks.push(chunk as Buffer);
			resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), webSocket });
		});
	});
}

/** The code with which the broker closes. */
async function closeCode(webSocket: WebSocket): Promise<number> {
	const [code] = (await once(webSocket, "close")) as [number];
	return code;
}

describe("a listener for WebSocket", () => {
	let running: RunningBroker;
	let url: string;
	const start = async (listener: object = {}, limits: object = {}) => {
		running = await run({ listeners: [{ kind: "ws", port: 0, ...listener }], limits });
		url = `ws://127.0.0.1:${running.port("ws")}`;
	};
	afterEach(async () => running[Symbol.asyncDispose]());

	test("speaks the subprotocol mqtt, in binary frames, one for each write", async () => {
		await start();
		const { webSocket } = await ask(`${url}/mqtt`, ["other", "mqtt"]);
		expect([webSocket.protocol, webSocket.extensions]).toEqual(["mqtt", ""]);
		const frames: Array<{ bytes: Buffer; isBinary: boolean }> = [];
		webSocket.on("message", (bytes: Buffer, isBinary) => frames.push({ bytes, isBinary }));
		webSocket.send(connectPacket("raw"));
		await once(webSocket, "message");
		expect(frames).toEqual([{ bytes: WELCOME, isBinary: true }]);
		const subscribe = mqtt.generate({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "t", qos: 0 }] });
		webSocket.send(subscribe);
		await once(webSocket, "message");
		frames.length = 0;
		// Four packets in one frame come back, and each of the broker's frames holds whole packets.
		const publish = mqtt.generate({ cmd: "publish", topic: "t", payload: "x", qos: 0, dup: false, retain: false });
		webSocket.send(Buffer.concat([publish, publish, publish, publish]));
		while (frames.reduce((sum, { bytes }) => sum + bytes.length, 0) < 4 * publish.length)
			await once(webSocket, "message");
		expect(frames.every(({ bytes }) => bytes.length % publish.length === 0)).toBe(true);
		expect(frames.length).toBeLessThan(4);
		webSocket.terminate();
	});

	test("puts packets together that come in pieces over several frames", async () => {
		await start();
		const { webSocket } = await ask(url);
		for (const byte of connectPacket("in pieces")) webSocket.send(Buffer.from([byte]));
		const [answer] = (await once(webSocket, "message")) as [Buffer];
		expect(answer).toEqual(WELCOME);
		webSocket.terminate();
	});

	test.each([[["other"]], [[]]])(
		"P8 refuses a client that offers %j in place of the subprotocol mqtt",
		async (protocols) => {
			await start();
			const refusal = nextRefusal(running.broker);
			expect(await ask(url, protocols)).toMatchObject({
				status: 400,
				body: expect.stringContaining("subprotocol mqtt"),
			});
			expect(await refusal).toMatchObject({ listener: "ws", reason: "did not offer the WebSocket subprotocol mqtt" });
		},
	);

	test("serves / and /mqtt unless a path is set", async () => {
		await start();
		for (const path of ["/", "/mqtt", "/mqtt?token=x"]) {
			const { status, webSocket } = await ask(`${url}${path}`);
			expect(status).toBe(101);
			webSocket.terminate();
		}
		expect((await ask(`${url}/other`)).status).toBe(404);
		await running[Symbol.asyncDispose]();
		await start({ path: "/house" });
		expect((await ask(`${url}/mqtt`)).body).toBe('The client asked for the path "/mqtt": here is only /house.\n');
		const { status, webSocket } = await ask(`${url}/house`);
		expect(status).toBe(101);
		webSocket.terminate();
	});

	test.each([
		["https://evil.example", {}, 403],
		["null", {}, 403],
		["http://localhost:1880", {}, 403],
		["http://127.0.0.1:1880", {}, 101],
		["https://app.example", { origins: ["https://app.example"] }, 101],
		["https://app.example:8443", { origins: ["https://app.example"] }, 403],
		["https://evil.example", { origins: ["*"] }, 101],
		["null", { origins: ["null"] }, 101],
	])("P8 answers a web page of %s with settings %j by %d", async (origin, settings, expected) => {
		await start(settings);
		const { status, webSocket } = await ask(url, ["mqtt"], { Origin: origin });
		expect(status).toBe(expected);
		webSocket.terminate();
	});

	test("does not believe a foreign name that was made to point to this machine", async () => {
		await start();
		const headers = { Origin: "http://rebound.example:8083", Host: "rebound.example:8083" };
		expect((await ask(url, ["mqtt"], headers)).status).toBe(403);
		await running[Symbol.asyncDispose]();
		// From the network it is reached by names that only its owner knows, and users have passwords.
		await start({ host: "0.0.0.0" });
		const { status, webSocket } = await ask(url, ["mqtt"], headers);
		expect(status).toBe(101);
		webSocket.terminate();
	});

	test("P8 ends a connection with a text frame (1003)", async () => {
		await start();
		const { webSocket } = await ask(url);
		webSocket.send(connectPacket("text").toString("latin1"));
		expect(await closeCode(webSocket)).toBe(1003);
		expect(running.broker.clients()).toEqual([]);
	});

	test("P8 ends a connection with a frame over the packet limit (1009), and serves the others", async () => {
		await start({}, { packetSize: 100_000 });
		const healthy = await connect(url, { protocolVersion: 5 });
		const { webSocket } = await ask(url);
		webSocket.send(Buffer.alloc(200_000, 0x30));
		expect(await closeCode(webSocket)).toBe(1009);
		await healthy.mqtt.publishAsync("t", "x", { qos: 1 });
		await healthy.close();
	});

	test("P8 ends a connection whose frames are broken", async () => {
		await start();
		const { socket, bytes, ended } = await wire(running.port("ws"));
		socket.write(upgradeRequest("/mqtt"));
		await bytes(12);
		// A frame of reserved kind, and one without the mask that clients must use.
		socket.write(Buffer.from([0x83, 0x80, 1, 2, 3, 4]));
		const all = await ended;
		expect(all.toString("latin1")).toContain("101 Switching Protocols");
	});

	test("M4 ends handshakes that are not finished after the time for a login", async () => {
		await start({}, { connectTimeout: 1 });
		const silent = await wire(running.port("ws"));
		const halfWay = await wire(running.port("ws"));
		halfWay.socket.write("GET /mqtt HTTP/1.1\r\nHost: x\r\n");
		const upgraded = await ask(url);
		const client = await connect(url);
		await Promise.all([silent.ended, halfWay.ended, closeCode(upgraded.webSocket)]);
		expect(running.broker.clients()).toHaveLength(1);
		await client.close();
	});

	test("tells a browser what is here", async () => {
		await start();
		const body = await new Promise<string>((resolve, reject) => {
			get(`http://127.0.0.1:${running.port("ws")}/`, (response) => {
				response.setEncoding("utf8").once("data", resolve);
			}).once("error", reject);
		});
		expect(body).toContain("MQTT over WebSocket");
	});
});

describe("a path of somebody else's HTTP server", () => {
	let running: RunningBroker;
	let server: Server;
	let port: number;
	let others: WebSocketServer;

	beforeEach(async () => {
		running = await run({ listeners: [{ port: 0 }] });
		server = createServer((_request, response) => response.end("the page"));
		others = new WebSocketServer({ noServer: true });
		server.on("upgrade", (request, socket, head) => {
			if (request.url !== "/comms") return;
			others.handleUpgrade(request, socket, head, (webSocket) => webSocket.send("comms"));
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		port = (server.address() as { port: number }).port;
	});
	afterEach(async () => {
		await running[Symbol.asyncDispose]();
		for (const webSocket of others.clients) webSocket.terminate();
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	});

	test("serves MQTT beside what else is there", async () => {
		const path = running.broker.webSocketPath({ name: "editor", anonymous: true });
		path.attach(server, "/mqtt");
		expect(running.listener("editor")).toMatchObject({ kind: "ws", up: true, port, path: "/mqtt" });
		const client = await connect(`ws://127.0.0.1:${port}/mqtt`, { clientId: "page" });
		expect(running.broker.clients()).toMatchObject([{ listener: "editor", address: "127.0.0.1" }]);
		const comms = new WebSocket(`ws://127.0.0.1:${port}/comms`);
		expect(String((await once(comms, "message"))[0])).toBe("comms");
		comms.terminate();
		const page = await fetch(`http://127.0.0.1:${port}/`);
		expect(await page.text()).toBe("the page");
		await client.close();
	});

	test("keeps its clients when it is detached, and takes no new ones", async () => {
		const path = running.broker.webSocketPath({ name: "editor", anonymous: true });
		path.attach(server, "/mqtt");
		const client = await connect(`ws://127.0.0.1:${port}/mqtt`);
		path.detach();
		expect(server.listenerCount("upgrade")).toBe(1);
		await client.mqtt.publishAsync("t", "x", { qos: 1 });
		await client.close();
	});

	test("takes no client without user name unless it is told to, even where the broker does", async () => {
		running.broker.webSocketPath({ name: "editor" }).attach(server, "/mqtt");
		await expect(connect(`ws://127.0.0.1:${port}/mqtt`)).rejects.toThrow("Not authorized");
	});

	test("refuses web pages from elsewhere, and a name that a listener has", async () => {
		running.broker.webSocketPath({ name: "editor" }).attach(server, "/mqtt");
		const foreign = await ask(`ws://127.0.0.1:${port}/mqtt`, ["mqtt"], { Origin: "https://evil.example" });
		expect(foreign.status).toBe(403);
		expect(() => running.broker.webSocketPath({ name: "tcp" })).toThrow('"tcp" is a listener already');
	});
});

function upgradeRequest(path: string): string {
	return [
		`GET ${path} HTTP/1.1`,
		"Host: 127.0.0.1",
		"Connection: Upgrade",
		"Upgrade: websocket",
		"Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
		"Sec-WebSocket-Protocol: mqtt",
		"\r\n",
	].join("\r\n");
}
