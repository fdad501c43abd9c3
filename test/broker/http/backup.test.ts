import { describe, expect, test } from "@jest/globals";
import { connect } from "../../helpers/mqtt-client";
import { type AdminServer, startAdminServer } from "./admin-server";

const rule = { effect: "allow", action: "all", filter: "#", priority: 0 };
const login = { username: "ann", password: "ann-password" };

async function withAnn(): Promise<AdminServer> {
	const server = await startAdminServer();
	await server.call("POST", "/users", { body: { name: "ann", password: login.password, rules: [rule], note: "hers" } });
	return server;
}

describe("a backup of users and rules", () => {
	test("lets everybody log in as before once it is restored with its passphrase, in another broker", async () => {
		await using one = await withAnn();
		await using other = await startAdminServer();
		await other.call("POST", "/users", { body: { name: "old", generate: true } });
		const passphrase = "a long passphrase";
		const { body: backup } = await one.call("POST", "/backup/access", { body: { passphrase } });
		expect(JSON.stringify(backup)).not.toContain("argon2");

		const { body: preview } = await other.call("POST", "/backup/preview", { body: { backup, passphrase } });
		expect(preview).toMatchObject({
			changes: { users: { added: ["ann"], removed: ["old"] }, groups: { added: [] } },
			withoutPassword: [],
		});
		await expect(connect(other.url, login)).rejects.toThrow();
		expect((await other.call("POST", "/backup/restore", { body: { backup, passphrase } })).status).toBe(200);
		const client = await connect(other.url, login);
		await client.close();
		expect((await other.call("GET", "/users")).body).toMatchObject([{ name: "ann", note: "hers" }]);
	});

	test("leaves the passwords of now where it brings none, and tells who would have none", async () => {
		await using server = await withAnn();
		const { body: backup } = await server.call("POST", "/backup/access");
		expect(backup.passwords).toBeNull();
		await server.call("PATCH", "/users/ann", { body: { note: "changed" } });
		backup.document.users.push({ ...backup.document.users[0], name: "bob" });
		const { body } = await server.call("POST", "/backup/restore", { body: { backup } });
		expect(body).toMatchObject({
			changes: { users: { added: ["bob"], changed: ["ann"] }, passwords: [] },
			withoutPassword: ["bob"],
		});
		const client = await connect(server.url, login);
		await client.close();
	});

	test("takes no password that stands in it openly", async () => {
		await using server = await withAnn();
		const { body: backup } = await server.call("POST", "/backup/access");
		backup.document.users[0].password = "$7$101$AAAAAAAAAAAAAAAA$AAAA";
		await server.call("POST", "/backup/restore", { body: { backup } });
		const client = await connect(server.url, login);
		await client.close();
	});

	test("changes nothing with a wrong passphrase, or when it is damaged", async () => {
		await using server = await withAnn();
		const { body: backup } = await server.call("POST", "/backup/access", { body: { passphrase: "a long passphrase" } });
		const before = JSON.stringify(server.broker.users?.exportDocument());
		const attempt = (body: unknown) => server.call("POST", "/backup/restore", { body });
		expect(await attempt({ backup, passphrase: "another passphrase" })).toMatchObject({
			status: 400,
			body: { error: { code: "BACKUP_PASSPHRASE" } },
		});
		const damaged = [
			undefined,
			{ ...backup, version: 2 },
			{ ...backup, document: { ...backup.document, users: [{ name: 7 }] } },
			{ ...backup, document: { ...backup.document, users: [null] } },
			{ ...backup, document: { ...backup.document, rules: [] } },
		];
		for (const each of damaged) {
			expect(await attempt({ backup: each })).toMatchObject({ body: { error: { code: "BACKUP_INVALID" } } });
		}
		expect(JSON.stringify(server.broker.users?.exportDocument())).toBe(before);
		expect(await server.call("POST", "/backup/access", { body: { passphrase: "short" } })).toMatchObject({
			body: { error: { code: "BACKUP_PASSPHRASE" } },
		});
		expect(server.faults).toEqual([]);
	});
});

describe("a backup of retained messages", () => {
	test("comes in parts, and gives every message back as it was", async () => {
		await using server = await startAdminServer();
		const local = server.broker.localClient("test");
		const big = Buffer.alloc(900_000, 0xff);
		const properties = {
			contentType: "image/png",
			correlationData: Buffer.from([0xff, 0]),
			userProperties: { unit: ["°C", "K"] },
		};
		for (const topic of ["a", "b", "c"]) local.publish({ topic, payload: big, qos: 1, retain: true, properties });
		local.publish({ topic: "d", payload: Buffer.alloc(0), qos: 0, retain: true });

		const parts = [];
		for (let next: string | null = ""; next !== null; ) {
			const answer = await server.call("GET", `/backup/retained?after=${next}`);
			const part = answer.body as { messages: { topic: string }[]; next: string | null };
			parts.push(part);
			next = part.next;
		}
		expect(parts.map(({ messages }) => messages.map(({ topic }) => topic))).toEqual([["a"], ["b"], ["c"]]);
		const before = server.broker.retained("#");
		await server.call("DELETE", "/retained?filter=%23");
		expect(server.broker.retained("#")).toEqual([]);
		for (const { messages } of parts) {
			const { body } = await server.call("POST", "/backup/retained", { body: { messages } });
			expect(body).toEqual({ restored: 1 });
		}
		const shown = (messages: typeof before) =>
			messages
				.map(({ payload, ...rest }) => ({ ...rest, same: payload.equals(big) }))
				.sort((x, y) => (x.topic < y.topic ? -1 : 1));
		expect(shown(server.broker.retained("#"))).toEqual(shown(before));
		expect(before).toHaveLength(3);
	});

	test("does not touch what the broker keeps about itself", async () => {
		await using server = await startAdminServer();
		const messages = [{ topic: "$SYS/broker/version", payload: "AAAA", qos: 0 }];
		const { body } = await server.call("POST", "/backup/retained", { body: { messages } });
		expect(body.error.code).toBe("BACKUP_INVALID");
	});
});
