import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type PeerProgram, start } from "../helpers/peer-program";

const root = resolve(__dirname, "../..");
const cli = join(root, "dist/runtime/cli.js");
const token = "a token of enough characters";

describe("flowbroker run --http", () => {
	let folder: string;
	let program: PeerProgram;
	let url: string;

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "flowbroker-http-"));
		const tokenFile = join(folder, "token");
		writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
		const flow = join(root, "flows/users-by-flow.json");
		const data = join(folder, "data");
		const words = ["run", flow, "--port", "0", "--data", data, "--http", "0", "--token-file", tokenFile];
		program = start(process.execPath, [cli, ...words]);
		const line = await program.line((text) => text.includes("is running"));
		url = /HTTP on (\S+)/.exec(line)?.[1] ?? "";
	});

	afterAll(async () => {
		expect((await program.kill()).code).toBe(0);
		rmSync(folder, { recursive: true });
	});

	const ask = (path: string, headers: Record<string, string> = {}) => fetch(`${url}${path}`, { headers });
	const bearer = { authorization: `Bearer ${token}` };

	test("listens on this machine only, and tells without token whether it lives and is ready", async () => {
		expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
		expect(await (await ask("/health")).json()).toEqual({ status: "ok" });
		const ready = await ask("/ready");
		expect([ready.status, await ready.json()]).toEqual([200, { ready: true, problems: [] }]);
	});

	test("gives its numbers and the admin API to who has the token, and to nobody else", async () => {
		for (const path of ["/metrics", "/flowbroker/brokers"]) {
			expect((await ask(path)).status).toBe(401);
			expect((await ask(path, { authorization: "Bearer a wrong one of that length" })).status).toBe(401);
			expect((await ask(path, bearer)).status).toBe(200);
		}
		expect(await (await ask("/metrics", bearer)).text()).toContain("flowbroker_uptime_seconds{");
		const brokers = (await (await ask("/flowbroker/brokers", bearer)).json()) as { name: string; state: string }[];
		expect(brokers).toMatchObject([{ name: "Broker with users", state: "running" }]);
	});

	test.each([
		[["--http", "0"], "--http needs a token"],
		[["--http", "high", "--token-file", "x"], "--http high is no port"],
		[["--http", "0", "--token-file", "no such file"], "can't be read"],
	])("refuses %j with the remedy, before anything starts", async (words, sentence) => {
		const { code, stderr } = await start(process.execPath, [cli, "run", join(root, "flows/demo-home.json"), ...words])
			.ended;
		expect(code).toBe(2);
		expect(stderr).toContain(sentence);
	});

	test("refuses a token that others can read, and one that can be guessed", async () => {
		const file = join(folder, "open");
		writeFileSync(file, token);
		chmodSync(file, 0o644);
		const run = (name: string) =>
			start(process.execPath, [cli, "run", join(root, "flows/demo-home.json"), "--http", "0", "--token-file", name])
				.ended;
		expect((await run(file)).stderr).toContain(`chmod 600 ${file}`);
		writeFileSync(file, "short");
		chmodSync(file, 0o600);
		expect((await run(file)).stderr).toContain("at least 16 characters");
	});
});
