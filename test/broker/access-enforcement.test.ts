import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { IClientOptions } from "mqtt";
import { AccessStore, type Rule } from "../../broker/access";
import { startBroker, type TestBroker } from "../helpers/broker";
import { connect, type TestClient } from "../helpers/mqtt-client";

const allow = (action: Rule["action"], filter: string): Rule => ({ effect: "allow", action, filter, priority: 0 });
const deny = (action: Rule["action"], filter: string): Rule => ({ effect: "deny", action, filter, priority: 0 });

/** A session that outlives its connection. */
const lasting: IClientOptions = { protocolVersion: 5, clean: false, properties: { sessionExpiryInterval: 3_600 } };

describe("a broker with users and rules", () => {
	let folder: string;
	/** Hashing a password takes a while, on purpose: done once. */
	let template: string;
	let broker: TestBroker;
	let users: AccessStore;
	const clients: TestClient[] = [];

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "flowbroker-access-"));
		template = join(folder, "template.json");
		const store = new AccessStore({ file: template });
		await store.start();
		await store.addUser("admin", "admin pw", { rules: [allow("all", "#"), allow("receive", "$SYS/#")] });
		await store.addUser("alice", "alice pw", { rules: [allow("all", "home/#"), allow("publish", "out/%u/#")] });
		await store.addUser("mallory", "mallory pw", { rules: [allow("all", "public/#")] });
		await store.stop();
	});

	beforeEach(async () => {
		const file = join(folder, "access.json");
		copyFileSync(template, file);
		broker = await startBroker({ access: { kind: "users", file } });
		users = broker.broker.users as AccessStore;
	});

	afterAll(() => rmSync(folder, { recursive: true }));

	afterEach(async () => {
		for (const client of clients.splice(0)) client.mqtt.end(true);
		await broker.broker.stop();
	});

	const login = async (username: string, options: IClientOptions = {}): Promise<TestClient> => {
		const client = await connect(broker.url, { protocolVersion: 5, username, password: `${username} pw`, ...options });
		clients.push(client);
		return client;
	};

	/** Resolves when all that was published before has reached those who may have it. */
	const settled = async (): Promise<void> => {
		const admin = await login("admin");
		await admin.mqtt.subscribeAsync("settled", { qos: 1 });
		await admin.mqtt.publishAsync("settled", "x", { qos: 1 });
		await admin.next();
		await admin.close();
	};

	test.each([
		["a wrong password", { username: "alice", password: "wrong" }],
		["no password", { username: "alice" }],
		["an empty password", { username: "alice", password: "" }],
		["an unknown user", { username: "nobody", password: "alice pw" }],
		["no user", {}],
		["an empty user name", { username: "", password: "alice pw" }],
		["a name that every object has", { username: "__proto__", password: "alice pw" }],
	])("A1 refuses %s", async (_what, options) => {
		for (const protocolVersion of [4, 5] as const) {
			await expect(connect(broker.url, { ...options, protocolVersion })).rejects.toThrow(/Not authorized|closed/);
		}
	});

	test.each(["#", "+/+", "$SYS/#", "secret/#", "$share/g/secret/plans"])(
		"Z1 delivers nothing forbidden to a subscription to %s",
		async (filter) => {
			const mallory = await login("mallory");
			await mallory.mqtt.subscribeAsync(filter, { qos: 1 }).catch(() => {});
			await mallory.mqtt.subscribeAsync("public/end", { qos: 1 });
			const admin = await login("admin");
			await admin.mqtt.publishAsync("secret/plans", "x", { qos: 1, retain: true });
			await admin.mqtt.publishAsync("public/end", "end", { qos: 1 });
			await mallory.next(({ topic }) => topic === "public/end");
			expect(mallory.received.filter(({ topic }) => !topic.startsWith("public/"))).toEqual([]);
		},
	);

	test("grants # where something under it may be received, and refuses what never can be", async () => {
		const alice = await login("alice");
		const refused = await alice.mqtt.subscribeAsync("secret/#").catch((error: Error) => error.message);
		expect(refused).toMatch(/Not authorized/i);
		const granted = await alice.mqtt.subscribeAsync("#", { qos: 1 });
		expect(granted).toMatchObject([{ topic: "#", qos: 1 }]);
		await alice.mqtt.publishAsync("home/light", "on", { qos: 1 });
		expect((await alice.next()).topic).toBe("home/light");
	});

	test("Z2 a refused filter of a mixed SUBSCRIBE delivers nothing, also after a reconnect", async () => {
		const options = { ...lasting, clientId: "mixed" };
		const first = await login("mallory", options);
		await first.mqtt.subscribeAsync({ "public/a": { qos: 1 }, "secret/a": { qos: 1 } }).catch(() => {});
		await first.close();
		const admin = await login("admin");
		await admin.mqtt.publishAsync("secret/a", "no", { qos: 1 });
		await admin.mqtt.publishAsync("public/a", "yes", { qos: 1 });
		const again = await login("mallory", options);
		await again.next(({ topic }) => topic === "public/a");
		await admin.mqtt.publishAsync("secret/a", "no", { qos: 1 });
		await admin.mqtt.publishAsync("public/a", "last", { qos: 1 });
		await again.next(({ text }) => text === "last");
		expect(again.received.map(({ topic }) => topic)).toEqual(["public/a", "public/a"]);
	});

	test("Z3 a right that is revoked holds for live messages and for those that wait", async () => {
		const options = { ...lasting, clientId: "alices phone" };
		const alice = await login("alice", options);
		await alice.mqtt.subscribeAsync("home/#", { qos: 1 });
		const admin = await login("admin");
		await admin.mqtt.publishAsync("home/secret/1", "before", { qos: 1 });
		await alice.next();
		await users.addRule({ user: "alice" }, deny("receive", "home/secret/#"));
		await admin.mqtt.publishAsync("home/secret/1", "live", { qos: 1 });
		await admin.mqtt.publishAsync("home/open", "live", { qos: 1 });
		await alice.next(({ topic }) => topic === "home/open");
		await alice.close();

		await users.removeRule({ user: "alice" }, deny("receive", "home/secret/#"));
		await admin.mqtt.publishAsync("home/secret/2", "waits", { qos: 1 });
		await admin.mqtt.publishAsync("home/open", "waits", { qos: 1 });
		await users.addRule({ user: "alice" }, deny("receive", "home/secret/#"));
		const again = await login("alice", options);
		await again.next(({ topic }) => topic === "home/open");
		await settled();
		expect(alice.received.map(({ topic }) => topic)).toEqual(["home/secret/1", "home/open"]);
		expect(again.received.map(({ topic }) => topic)).toEqual(["home/open"]);
	});

	test("Z4 a retained message stays when its writer may not write any more, and cannot be replaced by it", async () => {
		const alice = await login("alice");
		await alice.mqtt.publishAsync("home/sign", "by alice", { qos: 1, retain: true });
		await users.addRule({ user: "alice" }, deny("publish", "home/sign"));
		await alice.mqtt.publishAsync("home/sign", "again", { qos: 1, retain: true }).catch(() => {});
		expect(broker.broker.retained("home/sign").map(({ payload }) => payload.toString())).toEqual(["by alice"]);
	});

	test.each(["secret/will", "$SYS/broker/uptime", "$CONTROL/x"])("Z5 a will on %s is not published", async (topic) => {
		const admin = await login("admin");
		const seen: string[] = [];
		broker.broker.events.on("published", (message) => seen.push(message.topic));
		const mallory = await login("mallory", { will: { topic, payload: Buffer.from("x"), qos: 1 } }).catch(
			() => undefined,
		);
		await mallory?.drop();
		await admin.mqtt.publishAsync("later", "x", { qos: 1 });
		await settled();
		expect(seen).not.toContain(topic);
		expect(seen).toContain("later");
	});

	test("Z5 a will is checked again when it is sent", async () => {
		const seen: string[] = [];
		broker.broker.events.on("published", (message) => seen.push(message.topic));
		const alice = await login("alice", { will: { topic: "home/alice/gone", payload: Buffer.from("x"), qos: 1 } });
		await users.addRule({ user: "alice" }, deny("publish", "home/alice/gone"));
		await alice.drop();
		await settled();
		expect(seen).not.toContain("home/alice/gone");
	});

	test("Z6 $SYS is written by nobody, and read only where a rule says so", async () => {
		const victim = await login("alice", { clientId: "victim" });
		const mallory = await login("mallory");
		const admin = await login("admin");
		for (const client of [mallory, admin]) {
			await client.mqtt.publishAsync("$SYS/any/new/clients", "victim", { qos: 1 }).catch(() => {});
			await client.mqtt.publishAsync("$SYS/broker/fake", "x", { qos: 1, retain: true }).catch(() => {});
		}
		await settled();
		expect(victim.mqtt.connected).toBe(true);
		expect(broker.broker.retained("$SYS/broker/fake")).toEqual([]);
		await expect(mallory.mqtt.subscribeAsync("$SYS/#")).rejects.toThrow();
		await admin.mqtt.subscribeAsync("$SYS/#");
	});

	test("Z7 %u stands for the user name, and a name that is a wildcard opens nothing", async () => {
		const alice = await login("alice");
		await alice.mqtt.publishAsync("out/alice/x", "yes", { qos: 1 });
		await expect(alice.mqtt.publishAsync("out/mallory/x", "no", { qos: 1 })).rejects.toThrow("Not authorized");
		await users.addUser("+", "+ pw", { rules: [allow("all", "out/%u/#")] });
		const plus = await login("+");
		await expect(plus.mqtt.subscribeAsync("out/alice/#")).rejects.toThrow();
		await expect(plus.mqtt.publishAsync("out/alice/x", "no", { qos: 1 })).rejects.toThrow("Not authorized");
	});

	test("Z8 a session is not resumed by another user, who is told, while its owner gets everything", async () => {
		const options = { ...lasting, clientId: "alices phone" };
		const alice = await login("alice", options);
		await alice.mqtt.subscribeAsync("home/#", { qos: 1 });
		await expect(login("mallory", options)).rejects.toMatchObject({ code: 0x85 });
		expect(alice.mqtt.connected).toBe(true);
		await alice.close();
		const admin = await login("admin");
		await admin.mqtt.publishAsync("home/secret", "for alice", { qos: 1 });
		await expect(login("mallory", options)).rejects.toMatchObject({ code: 0x85 });
		await expect(login("mallory", { ...options, clean: true })).rejects.toMatchObject({ code: 0x85 });
		const again = await login("alice", options);
		expect((await again.next()).text).toBe("for alice");
	});

	test("Z8 the session of a user who is gone is forgotten, not inherited", async () => {
		const options = { ...lasting, clientId: "shared tablet" };
		const alice = await login("alice", options);
		await alice.mqtt.subscribeAsync("home/#", { qos: 1 });
		await alice.close();
		const admin = await login("admin");
		await admin.mqtt.publishAsync("home/secret", "for alice", { qos: 1 });
		await users.removeUser("alice");
		const mallory = await login("mallory", options);
		await mallory.mqtt.subscribeAsync("public/#", { qos: 1 });
		await admin.mqtt.publishAsync("public/x", "hello", { qos: 1 });
		expect((await mallory.next()).topic).toBe("public/x");
		expect(mallory.received).toHaveLength(1);
	});

	test("A8 a new password, a disabled and a removed user end live sessions, with the reason for MQTT 5", async () => {
		for (const change of [
			() => users.setPassword("alice", "new pw"),
			() => users.setEnabled("alice", false),
			() => users.removeUser("alice"),
		]) {
			const password = users.user("alice")?.enabled ? undefined : null;
			if (password === null) await users.setEnabled("alice", true);
			await users.setPassword("alice", "alice pw");
			const alice = await login("alice");
			const told = new Promise<number | undefined>((resolve) =>
				alice.mqtt.once("disconnect", ({ reasonCode }) => resolve(reasonCode)),
			);
			const other = await login("mallory");
			await change();
			expect(await told).toBe(0x87);
			expect(other.mqtt.connected).toBe(true);
			await other.close();
		}
	});

	test("Z12 neither topic alias nor response topic opens a way around the rules", async () => {
		const mallory = await login("mallory");
		await mallory.mqtt.publishAsync("public/a", "sets", { qos: 1, properties: { topicAlias: 1 } });
		await expect(
			mallory.mqtt.publishAsync("secret/a", "moves", { qos: 1, properties: { topicAlias: 1 } }),
		).rejects.toThrow("Not authorized");
		const seen: string[] = [];
		broker.broker.events.on("published", (message) => seen.push(message.topic));
		await mallory.mqtt
			.publishAsync("", "by alias", { qos: 1, properties: { topicAlias: 1 } })
			.catch((error: Error) => expect(error.message).toMatch("Not authorized"));
		await mallory.mqtt.publishAsync("public/b", "x", { qos: 1, properties: { responseTopic: "secret/b" } });
		await settled();
		expect(seen).not.toContain("secret/a");
		expect(seen).not.toContain("secret/b");
	});

	test("a denied publish of an older client is acknowledged and goes nowhere, and the client stays", async () => {
		const mallory = await login("mallory", { protocolVersion: 4 });
		for (const qos of [0, 1, 2] as const) await mallory.mqtt.publishAsync("secret/x", "no", { qos, retain: true });
		await mallory.mqtt.publishAsync("public/x", "yes", { qos: 2 });
		expect(mallory.mqtt.connected).toBe(true);
		expect(broker.broker.retained("#")).toEqual([]);
	});

	test("tells a denial with user, client, address, topic and the rule that decided, and counts its repetitions", async () => {
		const told: unknown[] = [];
		broker.broker.events.on("denied", (denial) => told.push(denial));
		const mallory = await login("mallory", { clientId: "probe" });
		for (let times = 0; times < 3; times++) {
			await mallory.mqtt.publishAsync("secret/x", "no", { qos: 1 }).catch(() => {});
		}
		const what = { clientId: "probe", user: "mallory", address: "127.0.0.1", action: "publish", topic: "secret/x" };
		expect(told).toMatchObject([{ ...what, count: 1 }]);
		expect(broker.broker.denials()).toMatchObject([{ ...what, count: 3, reason: expect.stringMatching(/no rule/) }]);
	});

	test("takes over an edit of the file by hand, and keeps the last good rules when it is broken", async () => {
		const file = join(folder, "access.json");
		const document = users.exportDocument();
		const alice = await login("alice");
		const problem = new Promise<string>((resolve) =>
			broker.broker.events.once("accessProblem", ({ error }) => resolve(error.message)),
		);
		writeFileSync(file, "{ broken");
		expect(await problem).toContain("access.json");
		await alice.mqtt.publishAsync("home/x", "still allowed", { qos: 1 });
		const told = new Promise<void>((resolve) => alice.mqtt.once("disconnect", () => resolve()));
		writeFileSync(file, JSON.stringify({ ...document, users: document.users.filter(({ name }) => name !== "alice") }));
		await told;
		await expect(login("alice")).rejects.toThrow("Not authorized");
	});
});

describe("a user whose certificate has proven the name", () => {
	const login = { clientId: "c1", address: "127.0.0.1", listener: "tls", certificateUser: "alice" };

	test("needs no password, but must exist, be enabled and may use the client id; groups are known to the listener", async () => {
		const folder = mkdtempSync(join(tmpdir(), "flowbroker-access-"));
		const store = new AccessStore({ file: join(folder, "access.json") });
		await store.start();
		expect(await store.login(login)).toMatchObject({ ok: false, reason: expect.stringContaining('no user "alice"') });
		await store.addGroup("family");
		await store.addUser("alice", null, { groups: ["family"], clientIds: ["c1"] });
		expect(await store.login(login)).toMatchObject({ ok: true, access: { user: "alice", groups: ["family"] } });
		expect(await store.login({ ...login, clientId: "c2" })).toMatchObject({ ok: false, refusal: "client-id" });
		await store.setEnabled("alice", false);
		expect(await store.login(login)).toMatchObject({ ok: false, refusal: "not-allowed" });
		await store.stop();
		rmSync(folder, { recursive: true });
	});
});
