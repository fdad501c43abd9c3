import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { AccessStore } from "../../broker/access";
import { createCertificates } from "../../broker/certs/create";
import { startBroker, type TestBroker } from "../helpers/broker";
import { openChromium } from "../helpers/editor-page";
import { findPaho, findProgram, run, start } from "../helpers/peer-program";

const paho = `
import sys, paho.mqtt.client as mqtt
port, ca = int(sys.argv[1]), sys.argv[2]
client = mqtt.Client(protocol=5) if not hasattr(mqtt, "CallbackAPIVersion") \\
    else mqtt.Client(mqtt.CallbackAPIVersion.VERSION1, protocol=5)
client.tls_set(ca)
client.on_connect = lambda client, *_: client.subscribe("to/paho", 1)
client.on_subscribe = lambda *_: print("ready", flush=True)
def message(client, _, message):
    print(message.payload.decode(), flush=True)
    client.publish("from/paho", "hello from Paho", 1).wait_for_publish
    client.disconnect()
client.on_message = message
client.connect("localhost", port)
client.loop_forever()
`;

describe("one broker with five listeners", () => {
	let folder: string;
	let made: Awaited<ReturnType<typeof createCertificates>>;
	let broker: TestBroker;
	let page: Server;
	const port = (name: string) => String(broker.broker.listeners.find((one) => one.name === name)?.port);

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "flowbroker-listeners-"));
		made = await createCertificates({ hosts: ["localhost", "127.0.0.1"], out: folder, clients: ["garden"] });
		const file = join(folder, "access.json");
		const users = new AccessStore({ file });
		await users.start();
		await users.addUser("garden", null, {
			rules: [{ effect: "allow", action: "all", filter: "garden/%u/#", priority: 0 }],
		});
		await users.setAnonymous({
			enabled: true,
			rules: [{ effect: "allow", action: "all", filter: "#", priority: 0 }],
		});
		await users.stop();
		const tls = { certFile: made.cert, keyFile: made.key };
		broker = await startBroker({
			access: { kind: "users", file },
			listeners: [
				{ name: "tcp", kind: "tcp", port: 0 },
				{ name: "tls", kind: "tls", port: 0, tls },
				{
					name: "certificates",
					kind: "tls",
					port: 0,
					anonymous: false,
					tls: { ...tls, caFile: made.ca, requestCert: "required", userFrom: "cn" },
				},
				{ name: "ws", kind: "ws", port: 0 },
				{ name: "wss", kind: "wss", port: 0, tls },
			],
		});
		const script = readFileSync(join(__dirname, "../../node_modules/mqtt/dist/mqtt.min.js"));
		page = createServer({ cert: readFileSync(made.cert), key: readFileSync(made.key) }, (request, response) => {
			response.setHeader("content-type", request.url === "/mqtt.js" ? "text/javascript" : "text/html");
			response.end(request.url === "/mqtt.js" ? script : '<!doctype html><script src="/mqtt.js"></script>');
		});
		page.listen(0, "localhost");
		await once(page, "listening");
	});

	afterAll(async () => {
		page?.close();
		await broker.broker.stop();
		rmSync(folder, { recursive: true });
	});

	test("serves mosquitto_sub over TCP, mosquitto_pub over TLS, Paho over TLS and MQTT.js over wss in Chromium, all at once", async () => {
		const reader = start(findProgram("mosquitto_sub"), ["-p", port("tcp"), "-v", "-t", "from/#", "-W", "60"]);
		const python = start(findPaho(), ["-c", paho, port("tls"), made.ca]);
		await python.line((line) => line === "ready");
		const browser = await openChromium(["--ignore-certificate-errors"]);
		const tab = await browser.newPage();
		const address = page.address() as { port: number };
		await tab.goto(`https://localhost:${address.port}/`);
		const seen = tab.evaluate(
			(url) =>
				new Promise<string>((resolve, reject) => {
					const { mqtt } = globalThis as unknown as { mqtt: typeof import("mqtt") };
					const client = mqtt.connect(url, { protocolVersion: 5, reconnectPeriod: 0 });
					client.on("error", reject);
					client.on("message", (_topic, payload) => {
						client.publish("from/browser", "hello from Chromium", { qos: 1 }, () => resolve(payload.toString()));
					});
					client.subscribe("to/browser", { qos: 1 }, () => {
						client.publish("from/browser", "ready", { qos: 1, retain: true });
					});
				}),
			`wss://localhost:${port("wss")}`,
		);
		await reader.line((line) => line === "from/browser ready");
		const pub = findProgram("mosquitto_pub");
		const secure = ["-h", "localhost", "-p", port("tls"), "--cafile", made.ca];
		for (const name of ["paho", "browser"]) {
			const { code, stderr } = await run(pub, [...secure, "-t", `to/${name}`, "-m", `hello ${name}`, "-q", "1"]);
			expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		}
		expect(await seen).toBe("hello browser");
		expect((await python.ended).stdout).toBe("ready\nhello paho\n");
		await reader.line((line) => line === "from/browser hello from Chromium");
		await reader.line((line) => line === "from/paho hello from Paho");
		await reader.kill();
		await browser.close();
	}, 90_000);

	test("knows a client by its certificate, and lets nobody in without one", async () => {
		const pub = findProgram("mosquitto_pub");
		const base = ["-h", "localhost", "-p", port("certificates"), "--cafile", made.ca, "-V", "mqttv5", "-q", "1"];
		const client = made.clients[0];
		const own = ["--cert", client?.cert ?? "", "--key", client?.key ?? ""];
		const allowed = await run(pub, [...base, ...own, "-t", "garden/garden/door", "-m", "open"]);
		expect(allowed).toMatchObject({ code: 0, stderr: "" });
		const denied = await run(pub, [...base, ...own, "-t", "garden/other/door", "-m", "open"]);
		expect(denied.stderr).toContain("Not authorized");
		const without = await run(pub, [...base, "-t", "garden/garden/door", "-m", "open"]);
		expect(without.code).not.toBe(0);
	});

	test("uses a new certificate within moments, and keeps those who are connected", async () => {
		const sub = findProgram("mosquitto_sub");
		const secure = ["-h", "localhost", "-p", port("tls"), "--cafile", made.ca];
		const old = start(sub, [...secure, "-v", "-t", "news", "-W", "60"]);
		const pub = findProgram("mosquitto_pub");
		await run(pub, ["-p", port("tcp"), "-t", "news", "-m", "before", "-r"]);
		await old.line((line) => line === "news before");
		const before = broker.broker.listeners.find(({ name }) => name === "tls")?.certificate?.notAfter;
		const renewed = new Promise<void>((resolve) => {
			broker.broker.events.on("listener", ({ name, certificate }) => {
				if (name === "tls" && certificate?.notAfter !== before) resolve();
			});
		});
		await createCertificates({ hosts: ["localhost"], out: folder, days: 30 });
		await renewed;
		const { code } = await run(pub, [...secure, "-t", "news", "-m", "after"]);
		expect(code).toBe(0);
		await old.line((line) => line === "news after");
		await old.kill();
		writeFileSync(made.cert, "no certificate");
		expect((await run(pub, [...secure, "-t", "news", "-m", "still"])).code).toBe(0);
	});
});
