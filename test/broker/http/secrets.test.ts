import { expect, test } from "@jest/globals";
import type { RequestName } from "../../../broker/http/contract";
import { connect } from "../../helpers/mqtt-client";
import { hashOf, vectors } from "../access/vectors";
import { startAdminServer } from "./admin-server";

/** Bodies of the answers so far. */
type Answers = Partial<Record<RequestName, unknown>>;
const backup = (before: Answers) => ({
	backup: before["POST /brokers/:broker/backup/access"],
	passphrase: "typed-Secret-3",
});

/** One request of each kind that succeeds, in an order in which they all do. A new route does not compile without one. */
const requests: Record<RequestName, [path: string, body?: unknown | ((before: Answers) => unknown)]> = {
	"GET /brokers": ["/brokers"],
	"GET /brokers/:broker": ["/brokers/main"],
	"POST /brokers/:broker/mosquitto/preview": ["/mosquitto/preview", { passwords: passwords() }],
	"POST /brokers/:broker/mosquitto/import": ["/mosquitto/import", { passwords: passwords(), partial: true }],
	"GET /brokers/:broker/mosquitto/acl": ["/mosquitto/acl"],
	"GET /brokers/:broker/access": ["/access"],
	"POST /brokers/:broker/users": ["/users", { name: "zoe", password: "typed-Secret-1" }],
	"GET /brokers/:broker/users": ["/users"],
	"PATCH /brokers/:broker/users/:name": ["/users/zoe", { note: "new" }],
	"PUT /brokers/:broker/users/:name/password": ["/users/zoe/password", { password: "typed-Secret-2" }],
	"GET /brokers/:broker/users/:name": ["/users/zoe"],
	"POST /brokers/:broker/users/:name/disable": ["/users/zoe/disable"],
	"POST /brokers/:broker/users/:name/enable": ["/users/zoe/enable"],
	"POST /brokers/:broker/users/:user/rules": ["/users/zoe/rules", rule("a")],
	"DELETE /brokers/:broker/users/:user/rules": [`/users/zoe/rules?${new URLSearchParams(rule("a"))}`],
	"POST /brokers/:broker/groups": ["/groups", { name: "family" }],
	"GET /brokers/:broker/groups": ["/groups"],
	"GET /brokers/:broker/groups/:name": ["/groups/family"],
	"PATCH /brokers/:broker/groups/:name": ["/groups/family", { note: "all of us" }],
	"POST /brokers/:broker/groups/:group/rules": ["/groups/family/rules", rule("b")],
	"DELETE /brokers/:broker/groups/:group/rules": [`/groups/family/rules?${new URLSearchParams(rule("b"))}`],
	"DELETE /brokers/:broker/groups/:name": ["/groups/family"],
	"GET /brokers/:broker/defaults": ["/defaults"],
	"PATCH /brokers/:broker/defaults": ["/defaults", { publish: "deny" }],
	"GET /brokers/:broker/anonymous": ["/anonymous"],
	"PATCH /brokers/:broker/anonymous": ["/anonymous", { enabled: true }],
	"POST /brokers/:broker/anonymous/rules": ["/anonymous/rules", rule("c")],
	"DELETE /brokers/:broker/anonymous/rules": [`/anonymous/rules?${new URLSearchParams(rule("c"))}`],
	"GET /brokers/:broker/access-test": ["/access-test?user=zoe&action=publish&topic=a"],
	"GET /brokers/:broker/denials": ["/denials"],
	"GET /brokers/:broker/clients": ["/clients"],
	"GET /brokers/:broker/client": ["/client?id=device"],
	"DELETE /brokers/:broker/client": ["/client?id=device"],
	"GET /brokers/:broker/history": ["/history"],
	"POST /brokers/:broker/bans": ["/bans", { clientId: "bad", seconds: 60 }],
	"GET /brokers/:broker/bans": ["/bans"],
	"DELETE /brokers/:broker/bans": ["/bans?clientId=bad"],
	"POST /brokers/:broker/publish": ["/publish", { topic: "home/light", payload: "on", retain: true }],
	"GET /brokers/:broker/retained": ["/retained"],
	"GET /brokers/:broker/topics": ["/topics"],
	"GET /brokers/:broker/topic": ["/topic?topic=home/light"],
	"GET /brokers/:broker/topic-names": ["/topic-names?part=light"],
	"GET /brokers/:broker/log": ["/log"],
	"POST /brokers/:broker/backup/access": ["/backup/access", { passphrase: "typed-Secret-3" }],
	"POST /brokers/:broker/backup/preview": ["/backup/preview", backup],
	"POST /brokers/:broker/backup/restore": ["/backup/restore", backup],
	"POST /brokers/:broker/tests": ["/tests", { filter: "#", user: "zoe" }],
	"GET /brokers/:broker/tests/:id": ["/tests/{id}"],
	"DELETE /brokers/:broker/tests/:id": ["/tests/{id}"],
	"GET /brokers/:broker/backup/retained": ["/backup/retained"],
	"POST /brokers/:broker/backup/retained": ["/backup/retained", { messages: [] }],
	"DELETE /brokers/:broker/retained": ["/retained?filter=%23"],
	"DELETE /brokers/:broker/users/:name": ["/users/zoe"],
};

function rule(filter: string) {
	return { effect: "allow", action: "all", filter } as const;
}

/** Mosquitto's file with hashes of all kinds, and lines that are damaged. */
function passwords(): string {
	const lines = vectors.map(({ user, hash }) => `${user}:${hash}`);
	return [...lines, `mallory:${hashOf("alice").slice(0, 40)}`, hashOf("bob"), "zed:typed-Secret-3"].join("\n");
}

test("no answer of any route holds a hash or a password", async () => {
	await using server = await startAdminServer();
	let bodies = "";
	const answers: Answers = {};
	for (const [name, [template, given]] of Object.entries(requests)) {
		const [method] = name.split(" ") as [string];
		const test = answers["POST /brokers/:broker/tests"] as { id: string } | undefined;
		const path = template.replace("{id}", test?.id ?? "");
		const body = typeof given === "function" ? given(answers) : given;
		const device = path.includes("id=device") || path === "/clients";
		if (device) await connect(server.url, { clientId: "device" }).catch(() => {});
		const answer = await server.call(method, path, { body });
		expect({ name, status: answer.status, error: answer.body?.error }).toEqual({ name, status: 200, error: undefined });
		expect(answer.headers.get("cache-control")).toBe("no-store");
		bodies += `${answer.text}\n`;
		answers[name as RequestName] = answer.body;
	}
	expect(JSON.stringify(server.broker.users?.exportDocument())).toMatch(/\$argon2id\$.*\$7\$|\$7\$.*\$argon2id\$/);
	expect(bodies).toContain('"hasPassword":true');
	expect(bodies).not.toMatch(/\$argon2\w*\$v|\$6\$[\w+/]|\$7\$\d/);
	expect(bodies).not.toMatch(/typed-Secret/);
	expect(bodies).not.toContain('"password":');
	for (const { hash } of vectors) expect(bodies).not.toContain(hash.slice(-40));
});

test("what was typed as a password is in no error either", async () => {
	await using server = await startAdminServer();
	const secret = "typed-Secret-4";
	const answers = await Promise.all([
		server.call("POST", "/users", { body: `{"name":"a","password":"${secret}",}` }),
		server.call("POST", "/users", { body: { name: "a", password: [secret] } }),
		server.call("POST", "/users", { body: { name: "a", password: secret, generate: true } }),
		server.call("POST", "/users", { body: { name: "a", password: secret, groups: ["none"] } }),
		server.call("PUT", "/users/a/password", { body: { password: secret } }),
		server.call("PATCH", "/users/a", { body: { password: secret } }),
		server.call("POST", "/mosquitto/preview", { body: { passwords: [`a:${secret}`] } }),
	]);
	for (const { status, text } of answers) {
		expect(status).toBeGreaterThanOrEqual(400);
		expect(text).not.toContain(secret);
	}
	expect(server.faults).toEqual([]);
});

test("a password that is made up is shown in the one answer, and works", async () => {
	await using server = await startAdminServer();
	const { body } = await server.call("POST", "/users", { body: { name: "alice", generate: true } });
	expect(body.password).toMatch(/^[\w]{20}$/);
	expect((await server.call("GET", "/users/alice")).body).toMatchObject({ name: "alice", hasPassword: true });
	expect((await server.call("GET", "/users/alice")).text).not.toContain(body.password);
	const client = await connect(server.url, { username: "alice", password: body.password });
	await client.close();
	const again = await server.call("PUT", "/users/alice/password", { body: { generate: true } });
	expect(again.body.password).not.toBe(body.password);
});
