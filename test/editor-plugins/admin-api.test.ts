import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import express from "express";
import { createCertificates } from "../../broker";
import { freePort } from "../helpers/free-port";

const root = join(__dirname, "../..");
/** Which of the installed Node-RED lines is tested: `node-red` or `node-red-5`. */
const packageName = process.env.FLOWBROKER_TEST_NODE_RED ?? "node-red";
const requireHere = createRequire(__filename);

/** The part of the embedding interface that is used here. */
interface NodeRed {
	init(server: object, settings: object): void;
	start(): Promise<void>;
	stop(): Promise<void>;
	readonly httpAdmin: express.RequestHandler;
	readonly nodes: { getNode(id: string): { readonly started: Promise<void> } | null };
}

/**
 * Node-RED's permissions by token. A login by password gives such a token as well, but leaves a timer of a week behind
 * that nothing can stop.
 */
const logins: Record<string, string | string[]> = {
	writer: "*",
	reader: "read",
	other: "flows.read",
	userAdministrator: ["flowbroker.read", "flowbroker.write"],
};

describe("the admin API in a Node-RED with logins", () => {
	const RED = requireHere(packageName) as NodeRed;
	const app = express();
	const server = createServer(app);
	let base: string;
	let userDir: string;
	/** Nobody listens there. */
	let port: number;

	beforeAll(async () => {
		userDir = await mkdtemp(join(tmpdir(), "flowbroker-plugin-"));
		await writeFile(join(userDir, "package.json"), "{}");
		const broker = { id: "b1", type: "flowbroker-broker", name: "Home", host: "127.0.0.1", port: 0 };
		port = await freePort();
		const far = { id: "far", type: "flowbroker-broker", kind: "remote", broker: "127.0.0.1", port, reconnectMin: 0.1 };
		const rules = [{ filter: "house/#", direction: "both", qos: "1", localPrefix: "", remotePrefix: "" }];
		const place = { z: "tab", x: 1, y: 1 };
		const bridge = {
			...place,
			id: "to-far",
			type: "flowbroker-bridge",
			name: "Far",
			broker: "b1",
			remote: "far",
			rules,
		};
		await writeFile(join(userDir, "flows.json"), JSON.stringify([{ id: "tab", type: "tab" }, broker, far, bridge]));
		RED.init(server, {
			httpAdminRoot: "/red",
			httpNodeRoot: false,
			userDir,
			flowFile: "flows.json",
			nodesDir: [root],
			credentialSecret: false,
			telemetry: { enabled: false },
			editorTheme: { tours: false },
			externalModules: { palette: { allowInstall: false }, modules: { allowInstall: false } },
			logging: { console: { level: "off" } },
			adminAuth: {
				type: "credentials",
				users: [],
				tokens: async (token: string) => (token in logins ? { username: token, permissions: logins[token] } : null),
			},
		});
		app.use("/red", RED.httpAdmin);
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/red`;
		const { events } = RED as unknown as { events: NodeJS.EventEmitter };
		await Promise.all([once(events, "flows:started"), RED.start()]);
		await RED.nodes.getNode("b1")?.started;
	});
	afterAll(async () => {
		await RED.stop();
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
		await rm(userDir, { recursive: true, force: true });
	});

	const call = (user: string | undefined, method: string, path: string, body?: unknown) =>
		ask(user, method, `/brokers${path}`, body);

	async function ask(user: string | undefined, method: string, path: string, body?: unknown) {
		const response = await fetch(`${base}/flowbroker${path}`, {
			method,
			headers: {
				"Content-Type": "application/json",
				...(user !== undefined && { Authorization: `Bearer ${user}` }),
			},
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		const text = await response.text();
		const json = response.headers.get("content-type")?.startsWith("application/json");
		return { status: response.status, body: json ? JSON.parse(text) : text };
	}
	const alice = { name: "alice", generate: true };

	test("refuses everybody who has not logged in, or has other rights only", async () => {
		for (const user of [undefined, "nobody", "other"]) {
			expect((await call(user, "GET", "")).status).toBe(401);
			expect((await call(user, "POST", "/b1/users", alice)).status).toBe(401);
		}
	});

	test("shows a reader the brokers of the flow, and lets a reader change nothing", async () => {
		const { body } = await call("reader", "GET", "");
		expect(body).toMatchObject([{ id: "b1", name: "Home", state: "running", listeners: [{ up: true }] }]);
		expect((await call("reader", "POST", "/b1/users", alice)).status).toBe(401);
		expect((await call("reader", "DELETE", "/b1/users/alice")).status).toBe(401);
		expect(await call("reader", "GET", "/b1/users")).toEqual({ status: 200, body: [] });
	});

	test("shows a reader how the bridges of a broker are doing, and its store", async () => {
		const look = async () => (await call("reader", "GET", "/b1")).body;
		let found = await look();
		while (found.bridges[0]?.phase !== "away") found = await look();
		expect(found).toMatchObject({
			storeProblem: null,
			bridges: [
				{
					id: "to-far",
					name: "Far",
					phase: "away",
					server: `mqtt://127.0.0.1:${port}`,
					protocolVersion: null,
					rules: 1,
					waiting: 0,
					dropped: 0,
					error: { code: "CONNECTION_REFUSED", message: expect.stringContaining(String(port)) },
				},
			],
		});
	});

	test("lets a writer add a user, whose name may need escaping", async () => {
		const added = await call("writer", "POST", "/b1/users", { ...alice, name: "alice/ü" });
		expect(added).toMatchObject({ status: 200, body: { user: { name: "alice/ü", hasPassword: true } } });
		expect((await call("writer", "GET", `/b1/users/${encodeURIComponent("alice/ü")}`)).body).not.toHaveProperty(
			"password",
		);
		expect((await call("writer", "GET", "/b1/clients?filter=a&limit=5")).body).toEqual({ total: 0, items: [] });
	});

	test("answers errors in its own form, also where Node-RED has read the body", async () => {
		expect(await call("writer", "POST", "/b1/users", [])).toMatchObject({
			status: 400,
			body: { error: { code: "REQUEST_INVALID" } },
		});
		expect(await call("writer", "GET", "/b2/users")).toMatchObject({
			status: 404,
			body: { error: { code: "BROKER_UNKNOWN" } },
		});
		const long = { name: "a", note: "x".repeat(4_500_000) };
		expect(await call("writer", "POST", "/b1/users", long)).toMatchObject({
			status: 413,
			body: { error: { code: "REQUEST_TOO_LARGE" } },
		});
	});

	test("refuses a page of another site, which Node-RED's own headers would let in", async () => {
		const headers = {
			Origin: "https://evil.example",
			"Content-Type": "application/json",
			Authorization: "Bearer writer",
		};
		const body = JSON.stringify({ name: "mallory", generate: true });
		const answer = await fetch(`${base}/flowbroker/brokers/b1/users`, { method: "POST", headers, body });
		expect(answer.status).toBe(403);
	});

	test("keeps certificates that a writer gives, where only Node-RED's own user may read them", async () => {
		const folder = await mkdtemp(join(tmpdir(), "flowbroker-plugin-certs-"));
		const { cert, key } = await createCertificates({ hosts: ["localhost"], out: folder });
		const pem = await readFile(key, "utf8");
		const kept = await ask("writer", "POST", "/certificates", { id: "b1", part: "key", pem });
		expect(kept.status).toBe(200);
		expect(kept.body.path.startsWith(join(userDir, "flowbroker/b1/certificates/"))).toBe(true);
		expect((await stat(kept.body.path)).mode & 0o777).toBe(0o600);
		// Once more: the same file.
		expect((await ask("writer", "POST", "/certificates", { id: "b1", part: "key", pem })).body).toEqual(kept.body);

		const wrong = [
			{ id: "b1", part: "cert", pem },
			{ id: "b1", part: "key", pem: await readFile(cert, "utf8") },
			{ id: "b1", part: "../../settings.js", pem },
			{ part: "key", pem },
			{ id: "b1", part: "key", pem: 7 },
		];
		for (const body of wrong) {
			const { status, body: answer } = await ask("writer", "POST", "/certificates", body);
			expect(status).toBe(400);
			expect(JSON.stringify(answer)).not.toContain("PRIVATE KEY");
		}
		const outside = await ask("writer", "POST", "/certificates", { id: "../../x", part: "key", pem });
		expect(outside.body.path.startsWith(join(userDir, "flowbroker/"))).toBe(true);
		await rm(folder, { recursive: true, force: true });
	});

	test("lets only who may deploy keep or make certificates, and try a connection", async () => {
		expect((await call("userAdministrator", "POST", "/b1/groups", { name: "garden" })).status).toBe(200);
		for (const path of ["/certificates", "/certificates/made", "/test-connection"]) {
			for (const user of [undefined, "reader", "other", "userAdministrator"]) {
				expect((await ask(user, "POST", path, { id: "b1" })).status).toBe(401);
			}
		}
	});

	test("tries a connection and says why it fails, without quoting the password", async () => {
		const secret = "typed-Secret-5";
		const login = { user: "ann", password: secret };
		const closed = { kind: "remote", broker: "127.0.0.1", port: await freePort() };
		const failed = await ask("writer", "POST", "/test-connection", { id: "new", properties: closed, login });
		expect(failed.body.error.code).toBe("CONNECTION_REFUSED");
		const answers = [
			failed,
			await ask("writer", "POST", "/test-connection", { id: "new", properties: { ...closed, port: "many" }, login }),
			await ask("writer", "POST", "/test-connection", { id: "new", properties: [], login }),
			await ask("writer", "POST", "/test-connection", { id: "new", properties: closed, login: { password: [secret] } }),
		];
		for (const { status, body } of answers) {
			expect(status).toBeGreaterThanOrEqual(400);
			expect(JSON.stringify(body)).not.toContain(secret);
		}
	});

	test("is listed as a plugin, with a page for the editor", async () => {
		const headers = { Authorization: "Bearer reader", Accept: "application/json" };
		const plugins = await (await fetch(`${base}/plugins`, { headers })).json();
		expect(plugins).toContainEqual(
			expect.objectContaining({ id: "@flowbroker/node-red/flowbroker", enabled: true, editor: true, runtime: true }),
		);
	});
});
