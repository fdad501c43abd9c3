import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createCertificates } from "../../../broker/certs/create";
import { brokerDefaults } from "../../../nodes/broker/properties";
import type { TlsSettings } from "../../../nodes/broker/remote/remote-options";
import { RemoteService } from "../../../nodes/broker/remote/remote-service";
import { type Login, remoteOptionsOf } from "../../../nodes/broker/remote-settings";
import type { HostReport } from "../../../nodes/broker/service";
import { tlsSettingsOf } from "../../../nodes/broker/tls-settings";
import { startBroker } from "../../helpers/broker";

interface Running extends AsyncDisposable {
	readonly service: RemoteService;
	readonly reports: HostReport[];
	/** Resolves when the state is of that kind. */
	until(kind: string): Promise<void>;
}

function optionsOf(changes: Record<string, unknown>, tls?: TlsSettings, login: Login = {}) {
	const properties = { ...brokerDefaults, reconnectMin: 0.05, reconnectMax: 0.1, ...changes };
	const tlsOf = () => tls ?? { rejectUnauthorized: true };
	return remoteOptionsOf(properties, { lookup: () => undefined, login, tlsOf });
}

async function run(changes: Record<string, unknown>, tls?: TlsSettings): Promise<Running> {
	const reports: HostReport[] = [];
	const waiting = new Set<() => void>();
	const service = new RemoteService(optionsOf(changes, tls), {
		changed: () => {
			for (const check of waiting) check();
		},
		report: (report) => reports.push(report),
	});
	await service.start();
	return {
		service,
		reports,
		until: (kind) =>
			new Promise((resolve) => {
				const check = () => service.state.kind === kind && resolve();
				waiting.add(check);
				check();
			}),
		[Symbol.asyncDispose]: () => service.stop(),
	};
}

describe("an encrypted connection to another broker", () => {
	let folder: string;
	let files: Awaited<ReturnType<typeof createCertificates>>;
	const listener = () => ({ listeners: [{ kind: "tls", port: 0, tls: { certFile: files.cert, keyFile: files.key } }] });

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "flowbroker-test-"));
		files = await createCertificates({ hosts: ["localhost"], out: folder });
	});
	afterAll(() => rm(folder, { recursive: true }));

	test("stands when the authority is known, by name", async () => {
		await using broker = await startBroker(listener());
		const ca = await readFile(files.ca);
		const held = tlsSettingsOf({ valid: true, addTLSOptions: (options: object) => Object.assign(options, { ca }) });
		await using running = await run({ broker: "localhost", port: broker.port, usetls: true, tls: "id" }, held);
		await running.until("connected");
		await using other = await run({ broker: "127.0.0.1", port: broker.port, usetls: true, tls: "id" }, held);
		await other.until("away");
		expect(other.reports).toMatchObject([{ error: { code: "CERTIFICATE_NOT_TRUSTED" } }]);
		expect(String((other.reports[0] as { error: Error }).error)).toContain('another name than "127.0.0.1"');
	});

	test("does not stand with an unknown authority, unless nobody wants to check", async () => {
		await using broker = await startBroker(listener());
		await using running = await run({ broker: `mqtts://localhost:${broker.port}` });
		await running.until("away");
		expect(running.reports).toMatchObject([{ error: { code: "CERTIFICATE_NOT_TRUSTED" } }]);
		await using careless = await run({ broker: `mqtts://localhost:${broker.port}`, verifyservercert: false });
		await careless.until("connected");
	});

	test("does not stand where nobody speaks TLS", async () => {
		await using broker = await startBroker();
		await using running = await run({ broker: "127.0.0.1", port: broker.port, usetls: true });
		await running.until("away");
		expect(running.reports).toMatchObject([{ error: { code: expect.stringMatching(/TLS_FAILED|CONNECTION_LOST/) } }]);
	});

	test("is not begun without its TLS configuration", () => {
		expect(() => tlsSettingsOf(null)).toThrow("removed or disabled");
		expect(() => tlsSettingsOf({ valid: false, addTLSOptions: () => ({}) })).toThrow("can't be read");
	});
});

describe("a connection to another broker", () => {
	test("may be stopped while it is being made, and says what was not sent", async () => {
		const { service, reports } = await run({ broker: "127.0.0.1", port: 1, connectTimeout: 5 });
		const failed: unknown[] = [];
		const message = { topic: "a", payload: Buffer.from("1"), qos: 1, retain: false } as const;
		service.client.publish(message, (error) => failed.push(error?.code));
		await service.stop();
		expect(failed).toEqual(["NOT_CONNECTED"]);
		expect(reports.at(-1)).toMatchObject({ error: { message: expect.stringContaining("1 messages that waited") } });
	});

	test("waits with its farewell for what is still to be sent", async () => {
		await using broker = await startBroker();
		const topics: string[] = [];
		broker.broker.events.on("published", ({ topic }) => topics.push(topic));
		const running = await run({ broker: "127.0.0.1", port: broker.port, closeTopic: "close" });
		await running.until("connected");
		for (let at = 0; at < 500; at++) {
			running.service.client.publish({ topic: `a/${at}`, payload: Buffer.from("1"), qos: 1, retain: false });
		}
		await running.service.stop();
		const flow = topics.filter((topic) => !topic.startsWith("$SYS"));
		expect([flow.length, flow.at(-2), flow.at(-1)]).toEqual([501, "a/499", "close"]);
	});
});

describe("the settings of a connection", () => {
	test("are those of Node-RED's own node where nothing is said", () => {
		expect(optionsOf({})).toMatchObject({
			servers: [{ scheme: "mqtt", host: "localhost", port: 1883 }],
			clientId: "",
			user: undefined,
			protocolVersion: 4,
			keepalive: 60,
			clean: true,
			autoConnect: true,
			birth: undefined,
			will: undefined,
			queue: { messages: 10_000, drop: "newest", qos0: true },
		});
	});

	test("are read as numbers, texts and booleans", () => {
		const raw = { protocolVersion: 5, keepalive: "30", cleansession: "false", clientid: "a", autoUnsubscribe: false };
		expect(optionsOf({ ...raw, sessionExpiry: "60", usetls: "true", port: "8884" })).toMatchObject({
			servers: [{ scheme: "mqtts", port: 8884 }],
			protocolVersion: 5,
			keepalive: 30,
			clean: false,
			keepSubscriptions: true,
			sessionExpiry: 60,
		});
	});

	test("begin a new session where there is no client id", () => {
		expect(optionsOf({ cleansession: false })).toMatchObject({ clean: true });
	});

	test("hold a will with all that MQTT 5 knows", () => {
		const willMsg = {
			contentType: "a/b",
			userProps: '{"a":"b"}',
			respTopic: "r",
			correl: "c",
			expiry: "5",
			delay: "7",
		};
		expect(optionsOf({ willTopic: "w", willPayload: "x", willQos: "2", willRetain: "true", willMsg }).will).toEqual({
			topic: "w",
			payload: Buffer.from("x"),
			qos: 2,
			retain: true,
			delay: 7,
			properties: {
				contentType: "a/b",
				userProperties: { a: "b" },
				responseTopic: "r",
				correlationData: Buffer.from("c"),
				messageExpiryInterval: 5,
			},
		});
	});

	test.each([
		[{ keepalive: "often" }, 'The field "keepalive" of the broker must be a whole number from 0 to 65535'],
		[{ protocolVersion: "6" }, "must be 3, 4 or 5"],
		[{ reconnectMin: 0 }, "must be a number of seconds"],
		[{ queueDrop: "random" }, "must be newest or oldest"],
		[{ usetls: "maybe" }, "must be true or false"],
		[{ birthTopic: "a", birthMsg: "{}" }, 'The field "birthMsg"'],
	])("are refused with the field and the remedy: %p", (changes, sentence) => {
		expect(() => optionsOf(changes)).toThrow(sentence);
	});

	test("never show a password, even one with a variable that is not set", () => {
		// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a flow names a variable
		const login = { user: "anna", password: "half-secret-${NOT_SET}" };
		expect(() => optionsOf({}, undefined, login)).toThrow(
			expect.objectContaining({ message: expect.not.stringContaining("half-secret") }),
		);
	});
});
