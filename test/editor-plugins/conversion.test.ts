import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import express from "express";
import type { ConvertAnswer, ConvertRequest } from "../../migrate";

const root = join(__dirname, "../..");
const requireHere = createRequire(__filename);

/** The part of the embedding interface that is used here. */
interface NodeRed {
	init(server: object, settings: object): void;
	start(): Promise<void>;
	stop(): Promise<void>;
	readonly httpAdmin: express.RequestHandler;
	readonly events: NodeJS.EventEmitter;
}

/** Permissions by token, as in the test of the admin API. */
const logins: Record<string, string | string[]> = {
	writer: "*",
	reader: "read",
	userAdministrator: ["flowbroker.read", "flowbroker.write"],
	flowWriter: ["flows.read", "flows.write"],
};
const login = { user: "flow", password: "kept on the server" };

describe("converting nodes by the admin API of a Node-RED with logins", () => {
	const RED = requireHere(process.env.FLOWBROKER_TEST_NODE_RED ?? "node-red") as NodeRed;
	const app = express();
	const server = createServer(app);
	let base: string;
	let userDir: string;

	const place = { z: "tab", x: 1, y: 1 };
	const broker = { id: "core", type: "mqtt-broker", name: "Home", broker: "127.0.0.1", port: "1", autoConnect: false };
	const output = { ...place, id: "out", type: "mqtt out", topic: "a", broker: "core", wires: [] };
	const request = { ...place, id: "http", type: "http request", method: "GET", authType: "basic", wires: [[]] };
	const flow = [{ id: "tab", type: "tab" }, broker, output, { ...output, id: "second" }, request];

	beforeAll(async () => {
		userDir = await mkdtemp(join(tmpdir(), "flowbroker-conversion-"));
		await writeFile(join(userDir, "package.json"), "{}");
		await writeFile(join(userDir, "flows.json"), JSON.stringify(flow));
		await writeFile(
			join(userDir, "flows_cred.json"),
			JSON.stringify({ core: login, http: { ...login, username: "secret user" } }),
		);
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
		await Promise.all([once(RED.events, "flows:started"), RED.start()]);
	});
	afterAll(async () => {
		await RED.stop();
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
		await rm(userDir, { recursive: true });
	});

	async function convert(body: object, token = "writer") {
		const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
		const answer = await fetch(`${base}/flowbroker/convert`, { method: "POST", headers, body: JSON.stringify(body) });
		const text = await answer.text();
		expect(text).not.toContain(login.password);
		return { status: answer.status, text };
	}

	async function credentialsOf(id: string): Promise<unknown> {
		const headers = { authorization: "Bearer writer" };
		return (await fetch(`${base}/credentials/flowbroker-broker/${id}`, { headers })).json();
	}

	/** Half of the nodes: the broker is copied. */
	const half = (nodes: object[]): ConvertRequest => ({ nodes: nodes as ConvertRequest["nodes"], only: ["out"] });

	test("a login that may only read is refused, and gets no copy of a password", async () => {
		expect(await convert(half(flow), "reader")).toMatchObject({ status: 401 });
		expect(await convert(half(flow), "nobody")).toMatchObject({ status: 401 });
	});

	test("only a login that may change flows and the brokers may convert", async () => {
		expect(await convert(half(flow), "userAdministrator")).toMatchObject({ status: 401 });
		expect(await convert(half(flow), "flowWriter")).toMatchObject({ status: 401 });
	});

	test("gives the copy of a broker its password, which is not in the answer", async () => {
		const { status, text } = await convert(half(flow));
		expect(status).toBe(200);
		const { copies, added, replaced, converted } = JSON.parse(text) as ConvertAnswer;
		expect(converted).toBe(1);
		expect(replaced.map(({ id, type }) => [id, type])).toEqual([["out", "flowbroker-out"]]);
		expect(added.map(({ id }) => id)).toEqual([copies.core]);
		expect(await credentialsOf(copies.core as string)).toEqual({ user: login.user, has_password: true });
	});

	test("copies the password of no node that is not deployed as a broker, whatever the request says it is", async () => {
		const claimed = flow.map((node) => (node.id === "http" ? { ...broker, id: "http" } : { ...node, broker: "http" }));
		const { text } = await convert(half(claimed));
		const { copies } = JSON.parse(text) as ConvertAnswer;
		expect(Object.keys(copies)).toEqual(["http"]);
		expect(await credentialsOf(copies.http as string)).toEqual({});
	});

	test("says no user name of a node that is not deployed as a broker", async () => {
		const { status, text } = await convert({ nodes: [{ ...place, id: "http", type: "aedes broker", wires: [] }] });
		expect(status).toBe(200);
		expect(text).not.toContain("secret user");
	});

	test.each([{}, { nodes: "all" }, { nodes: [{ id: 1 }] }, { nodes: [], only: "out" }, { nodes: [], only: [1] }])(
		"refuses %j, which is no flow",
		async (body) => {
			expect(await convert(body)).toEqual({ status: 400, text: expect.stringContaining("CONVERSION_INVALID") });
		},
	);
});
