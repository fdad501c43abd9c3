import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { connect, type TestClient } from "../../helpers/mqtt-client";
import { hashOf } from "../access/vectors";
import { type AdminServer, startAdminServer } from "./admin-server";

let server: AdminServer;
const clients: TestClient[] = [];

beforeEach(async () => {
	server = await startAdminServer();
});
afterEach(async () => {
	for (const { mqtt } of clients.splice(0)) mqtt.end(true);
	await server[Symbol.asyncDispose]();
});

async function login(username: string, password: string, clientId = `${username}-1`): Promise<TestClient> {
	const client = await connect(server.url, { username, password, clientId, protocolVersion: 5 });
	clients.push(client);
	return client;
}

/** Calls and expects success. */
async function ok(method: string, path: string, body?: unknown) {
	const answer = await server.call(method, path, { body });
	expect(answer.body?.error).toBeUndefined();
	return answer.body;
}

const closed = (client: TestClient) => new Promise<void>((resolve) => client.mqtt.once("close", () => resolve()));
const rule = (action: string, filter: string, effect = "allow") => ({ effect, action, filter });

describe("a user", () => {
	test("is added, denied, allowed by the proposal, and shut out again while connected", async () => {
		await ok("POST", "/users", { name: "alice", password: "secret" });
		const alice = await login("alice", "secret");
		const denied = new Promise((resolve) => server.broker.events.once("denied", resolve));
		await alice.mqtt.publishAsync("garden/light", "on", { qos: 1 }).catch(() => {});
		await denied;

		const { items } = await ok("GET", "/denials");
		expect(items[0]).toMatchObject({ user: "alice", action: "publish", topic: "garden/light", allowedNow: false });
		expect(items[0].proposal).toEqual({
			owner: { user: "alice" },
			rule: { effect: "allow", action: "publish", filter: "garden/light", priority: 0 },
		});
		await ok("POST", "/users/alice/rules", items[0].proposal.rule);
		await alice.mqtt.publishAsync("garden/light", "on", { qos: 1, retain: true });
		expect(await ok("GET", "/retained?filter=garden/%23")).toMatchObject({
			total: 1,
			items: [{ topic: "garden/light", payload: "on", encoding: "text", size: 2 }],
		});
		expect((await ok("GET", "/denials")).items[0]).toMatchObject({ allowedNow: true, proposal: null });

		const end = closed(alice);
		await ok("POST", "/users/alice/disable");
		await end;
		await expect(login("alice", "secret")).rejects.toThrow();
		await ok("POST", "/users/alice/enable");
		await login("alice", "secret");
	});

	test("loses its sessions with its old password, and is gone when removed", async () => {
		await ok("POST", "/users", { name: "alice", password: "secret" });
		const first = closed(await login("alice", "secret"));
		await ok("PUT", "/users/alice/password", { password: "another" });
		await first;
		await expect(login("alice", "secret")).rejects.toThrow();
		const second = closed(await login("alice", "another"));
		expect(await ok("DELETE", "/users/alice")).toEqual({ removed: "alice" });
		await second;
		expect((await server.call("GET", "/users/alice")).status).toBe(404);
	});

	test("may have any name that a person can type", async () => {
		for (const name of ["Zoë/+#", "a b", "constructor", "__proto__", "100%"]) {
			const path = `/users/${encodeURIComponent(name)}`;
			await ok("POST", "/users", { name });
			expect((await ok("PATCH", path, { note: "x" })).user).toMatchObject({ name, note: "x", hasPassword: false });
			await ok("DELETE", path);
		}
	});
});

test("a subscriber stops receiving when the right is taken away", async () => {
	await ok("POST", "/groups", { name: "garden", rules: [rule("all", "garden/#")] });
	await ok("POST", "/users", { name: "alice", password: "secret", groups: ["garden"] });
	const alice = await login("alice", "secret");
	await alice.mqtt.subscribeAsync("garden/#");
	await ok("POST", "/publish", { topic: "garden/a", payload: "1" });
	await alice.next(({ topic }) => topic === "garden/a");
	await ok("POST", "/users/alice/rules", { ...rule("receive", "garden/secret", "deny"), priority: 1 });
	await ok("POST", "/publish", { topic: "garden/secret", payload: "2" });
	await ok("POST", "/publish", { topic: "garden/b", payload: "3" });
	await alice.next(({ topic }) => topic === "garden/b");
	expect(alice.received.map(({ topic }) => topic)).toEqual(["garden/a", "garden/b"]);
	const verdict = await ok("GET", "/access-test?user=alice&action=receive&topic=garden/secret");
	expect(verdict).toMatchObject({ allow: false, rule: { filter: "garden/secret" }, source: 'user "alice"' });
	const query = new URLSearchParams({ ...rule("receive", "garden/secret", "deny"), priority: "1" });
	expect(await ok("DELETE", `/users/alice/rules?${query}`)).toEqual({ rules: [] });
	expect(await ok("GET", "/access-test?user=alice&action=receive&topic=garden/secret")).toMatchObject({ allow: true });
});

describe("a proposal", () => {
	/** Denies it for real and reads what is proposed. */
	async function proposalFor(act: (client: TestClient) => Promise<unknown>) {
		const client = await login("alice", "secret");
		const denied = new Promise((resolve) => server.broker.events.once("denied", resolve));
		await act(client).catch(() => {});
		await denied;
		return (await ok("GET", "/denials")).items[0];
	}
	const publish = (topic: string) => (client: TestClient) => client.mqtt.publishAsync(topic, "", { qos: 1 });

	beforeEach(() => ok("POST", "/users", { name: "alice", password: "secret" }));

	test("for a subscription lets what it selects be received, which grants it", async () => {
		const { proposal } = await proposalFor((client) => client.mqtt.subscribeAsync("garden/+"));
		expect(proposal.rule).toEqual({ effect: "allow", action: "receive", filter: "garden/+", priority: 0 });
		await ok("POST", "/users/alice/rules", proposal.rule);
		const again = await login("alice", "secret", "alice-2");
		expect((await again.mqtt.subscribeAsync("garden/+"))[0]?.qos).toBe(0);
	});

	test("goes before the rule that denied", async () => {
		await ok("POST", "/users/alice/rules", { ...rule("publish", "garden/#", "deny"), priority: 7 });
		const { proposal } = await proposalFor(publish("garden/light"));
		expect(proposal.rule).toMatchObject({ effect: "allow", filter: "garden/light", priority: 8 });
	});

	test.each(["$SYS/broker/uptime", "garden/%u"])(
		"is not made for %s, which no rule can allow by itself",
		async (topic) => {
			expect(await proposalFor(publish(topic))).toMatchObject({ topic, allowedNow: false, proposal: null });
		},
	);
});

describe("clients", () => {
	beforeEach(() => ok("POST", "/users", { name: "alice", password: "secret", rules: [rule("all", "#")] }));

	test("are listed, searched, looked at and kicked", async () => {
		const alice = await login("alice", "secret", "../weird id/#");
		await login("alice", "secret", "other");
		await alice.mqtt.subscribeAsync("garden/#");
		expect(await ok("GET", "/clients?limit=1&offset=1")).toMatchObject({ total: 2, items: [{ id: "other" }] });
		expect(await ok("GET", "/clients?filter=WEIRD")).toMatchObject({
			total: 1,
			items: [{ user: "alice", subscriptions: 1 }],
		});
		const query = new URLSearchParams({ id: "../weird id/#" });
		expect(await ok("GET", `/client?${query}`)).toMatchObject({ subscriptions: [{ filter: "garden/#" }] });
		const end = closed(alice);
		expect(await ok("DELETE", `/client?${query}&reason=spring+cleaning`)).toEqual({ kicked: "../weird id/#" });
		await end;
		expect((await ok("GET", "/history")).items[0]).toMatchObject({ id: "../weird id/#", reason: "spring cleaning" });
	});

	test.each([
		["client id", { clientId: "alice-1" }],
		["user", { user: "alice" }],
		["address", { address: "127.0.0.1" }],
	])("are banned by %s, at once and until the ban is lifted", async (_title, target) => {
		const end = closed(await login("alice", "secret"));
		const { ban, disconnected } = await ok("POST", "/bans", { ...target, seconds: 3_600, reason: "too loud" });
		expect(ban).toMatchObject({ ...target, by: "administrator", reason: "too loud" });
		expect(disconnected).toBe(1);
		await end;
		await expect(login("alice", "secret")).rejects.toThrow();
		expect((await ok("GET", "/denials")).items[0].reason).toContain("too loud");
		expect(await ok("GET", "/bans")).toEqual([ban]);
		await ok("DELETE", `/bans?${new URLSearchParams(target as Record<string, string>)}`);
		expect(await ok("GET", "/bans")).toEqual([]);
		await login("alice", "secret");
		const again = await server.call("DELETE", `/bans?${new URLSearchParams(target as Record<string, string>)}`);
		expect(again.body.error.code).toBe("BAN_UNKNOWN");
	});

	test("who guessed too many passwords can be let in again", async () => {
		// Their answers are delayed, the longer the more there were: they are not waited for.
		for (let at = 0; at < 10; at++) login("alice", `wrong ${at}`).catch(() => {});
		let ban: unknown;
		while (!ban) [ban] = await ok("GET", "/bans");
		expect(ban).toMatchObject({ user: "alice", address: "127.0.0.1", by: "wrong passwords" });
		await expect(login("alice", "secret")).rejects.toThrow();
		await ok("DELETE", "/bans?user=alice&address=127.0.0.1");
		await login("alice", "secret");
	});
});

describe("Mosquitto's files", () => {
	const passwords = `alice:${hashOf("alice")}\n`;
	const files = { passwords, acl: "user alice\ntopic readwrite garden/#\n" };

	test("are shown first, then taken over, and the user logs in", async () => {
		const preview = await ok("POST", "/mosquitto/preview", files);
		expect(preview).toMatchObject({ complete: true, problems: [], lost: { users: [], groups: [] } });
		expect(await ok("GET", "/users")).toEqual([]);
		expect(await ok("POST", "/mosquitto/import", files)).toEqual(preview);
		expect(await ok("GET", "/users")).toEqual(preview.document.users);
		const alice = await login("alice", "correct horse");
		await alice.mqtt.publishAsync("garden/light", "on", { qos: 1 });
		expect((await ok("GET", "/mosquitto/acl")).acl).toContain("topic readwrite garden/#");
	});

	test("with lines that can't be taken over change nothing, unless that is wanted", async () => {
		const damaged = { ...files, acl: `${files.acl}topic maybe x/#/y\n` };
		expect(await ok("POST", "/mosquitto/preview", damaged)).toMatchObject({ complete: false });
		const refused = await server.call("POST", "/mosquitto/import", { body: damaged });
		expect(refused).toMatchObject({ status: 409, body: { error: { code: "IMPORT_INCOMPLETE" } } });
		expect(refused.body.error.message).toContain("line 3 of the acl file");
		expect(await ok("GET", "/users")).toEqual([]);
		await ok("POST", "/mosquitto/import", { ...damaged, partial: true });
		expect(await ok("GET", "/users")).toMatchObject([{ name: "alice" }]);
	});

	test("do not make anybody disappear who is not asked about", async () => {
		await ok("POST", "/users", { name: "bob" });
		const refused = await server.call("POST", "/mosquitto/import", { body: files });
		expect(refused).toMatchObject({ status: 409, body: { error: { code: "IMPORT_REPLACES" } } });
		expect(await ok("GET", "/users")).toMatchObject([{ name: "bob" }]);
		await ok("POST", "/mosquitto/import", { ...files, replace: true });
		expect(await ok("GET", "/users")).toMatchObject([{ name: "alice" }]);
	});
});

describe("retained messages", () => {
	test("are counted, cleared and told to subscribers, except those of the broker", async () => {
		for (const topic of ["a/1", "a/2", "b"]) await ok("POST", "/publish", { topic, payload: "x", retain: true });
		expect(await ok("DELETE", "/retained?filter=a/%23&dryRun=true")).toEqual({ count: 2, cleared: false });
		expect(await ok("GET", "/retained")).toMatchObject({ total: 3 });
		expect(await ok("DELETE", "/retained?filter=a/%23")).toEqual({ count: 2, cleared: true });
		expect(await ok("GET", "/retained")).toMatchObject({ total: 1, items: [{ topic: "b" }] });
	});

	test("are shown as text where they are text, and not longer than a page can hold", async () => {
		const payload = Buffer.from([0xff, 0xfe]).toString("base64");
		await ok("POST", "/publish", { topic: "bytes", payload, encoding: "base64", retain: true });
		await ok("POST", "/publish", { topic: "long", payload: `x${"ü".repeat(5_000)}`, retain: true });
		const { items } = await ok("GET", "/retained");
		expect(items[0]).toMatchObject({ topic: "bytes", payload, encoding: "base64", size: 2, truncated: false });
		expect(items[1]).toMatchObject({ topic: "long", encoding: "text", size: 10_001, truncated: true });
		expect(items[1].payload).toBe(`x${"ü".repeat(2_047)}`);
	});
});

test("a test message goes with the rights of the chosen user", async () => {
	await ok("POST", "/users", { name: "alice", rules: [rule("publish", "garden/#")] });
	await ok("POST", "/users/alice/disable");
	const publish = (changes: object) => server.call("POST", "/publish", { body: { topic: "garden/a", ...changes } });
	expect((await publish({ user: "alice" })).body.error).toMatchObject({
		code: "NOT_ALLOWED",
		message: expect.stringContaining("disabled"),
	});
	await ok("POST", "/users/alice/enable");
	expect((await publish({ user: "alice" })).body).toEqual({ published: "garden/a" });
	expect((await publish({ user: "alice", topic: "home/a" })).status).toBe(403);
	expect((await publish({ user: "nobody" })).body.error.code).toBe("USER_UNKNOWN");
	await ok("PATCH", "/anonymous", { enabled: false });
	expect((await publish({ user: null })).status).toBe(403);
	expect((await publish({ topic: "home/a" })).status).toBe(200);
});

test("a broker with Mosquitto's files shows its clients, and says where its users are", async () => {
	await using open = await startAdminServer({ access: { kind: "open" } });
	expect((await open.call("GET", "/clients")).body).toEqual({ total: 0, items: [] });
	expect((await open.call("GET", "/brokers/main")).body).toMatchObject({
		id: "main",
		state: "running",
		access: "open",
	});
	expect((await open.call("POST", "/users", { body: { name: "a" } })).body.error.code).toBe("USERS_ELSEWHERE");
	expect((await open.call("GET", "/brokers")).body).toMatchObject([
		{ id: "main", state: "running", listeners: [{ up: true, error: null }] },
		{ id: "stopped", state: "stopped" },
	]);
});
