import { appendFileSync, chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Workshop } from "./flowbroker-process";

let workshop: Workshop;
let taken: Server;
let port: string;

const tab = { id: "t", type: "tab" };
const broker = { id: "b", type: "flowbroker-broker", name: "House", port: "$" + "{FLOWBROKER_PORT}", anonymous: "yes" };

beforeAll(async () => {
	workshop = new Workshop();
	workshop.write("cwd/home.json", [tab, broker]);
	workshop.write("cwd/tls.json", [tab, { ...broker, tlsPort: "0", certFile: "no.pem", keyFile: "no.pem" }]);
	workshop.write("cwd/file", "");
	writeFileSync(join(workshop.cwd, "token"), "a token of enough characters", { mode: 0o600 });
	workshop.write("cwd/old/package.json", { name: "node-red", version: "4.0.9", engines: { node: ">=18.5" } });
	workshop.write("cwd/future/package.json", { name: "node-red", version: "9.0.0", engines: { node: ">=99" } });
	for (const name of ["old", "future"]) {
		workshop.write(`cwd/${name}/node_modules/@node-red/nodes/package.json`, { name: "@node-red/nodes" });
		workshop.write(`cwd/${name}/node_modules/@node-red/nodes/index.js`, "");
	}
	// A data folder as a run leaves it.
	const command = workshop.startReal(["run", "home.json", "--port", "0", "--data", "sound"]);
	await command.sees("is running");
	await workshop.runReal(["pub", "-p", portOf(command.stdout), "-t", "kept", "-m", "me", "-r", "-q", "1"]);
	expect((await command.stop()).code).toBe(0);
	taken = createServer();
	await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
	port = String((taken.address() as { port: number }).port);
});

afterAll(async () => {
	taken.close();
	await workshop.remove();
});

function portOf(stdout: string): string {
	return /127\.0\.0\.1:(\d+)/.exec(stdout)?.[1] ?? "";
}

/** A copy of the data folder, damaged. @returns its name */
function damaged(name: string, damage: (brokerFolder: string) => void): string {
	cpSync(join(workshop.cwd, "sound"), join(workshop.cwd, name), { recursive: true });
	damage(join(workshop.cwd, name, "flowbroker/b"));
	return name;
}

describe("flowbroker run says what is wrong with the machine, and ends:", () => {
	test.each<[string, () => string[], Record<string, string>, number, string]>([
		["the broker's port is taken", () => ["--port", port], {}, 1, "is already in use"],
		[
			"the port of --http is taken",
			() => ["--port", "0", "--http", port, "--token-file", "token"],
			{},
			1,
			"wanted by --http, is already in use",
		],
		[
			"the address of --http is another machine's",
			() => ["--port", "0", "--http", "0", "--http-host", "192.0.2.1", "--token-file", "token"],
			{},
			1,
			"The HTTP server could not listen on 192.0.2.1:0",
		],
		[
			"the data folder is a file",
			() => ["--port", "0", "--data", "file"],
			{},
			2,
			"there is a file in the place of a folder",
		],
		[
			"the data folder is below a file",
			() => ["--port", "0", "--data", "file/x"],
			{},
			2,
			"Name another folder with --data",
		],
		[
			"nothing can be written there",
			() => ["--port", "0", "--data", "/proc/flowbroker"],
			{},
			2,
			"The data folder /proc/flowbroker can't be used",
		],
		[
			"Node is too old for this Node-RED",
			() => ["--port", "0"],
			{ FLOWBROKER_NODE_RED: "./future" },
			1,
			"Node-RED 9.0.0 needs Node.js >=99",
		],
		["Node-RED is too old", () => ["--port", "0"], { FLOWBROKER_NODE_RED: "./old" }, 1, "Node-RED 4.0.9 is too old"],
		[
			"there is no Node-RED",
			() => ["--port", "0"],
			{ FLOWBROKER_NODE_RED: "./none" },
			1,
			"There is no Node-RED in ./none",
		],
		[
			"the store is of a newer version",
			() => [
				"--port",
				"0",
				"--data",
				damaged("newer", (folder) => {
					const file = join(folder, "store/store.json");
					writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), version: 999 }));
				}),
			],
			{},
			1,
			"newer version",
		],
		[
			"the store's folder is a file",
			() => [
				"--port",
				"0",
				"--data",
				damaged("blocked", (folder) => {
					rmSync(join(folder, "store"), { recursive: true });
					writeFileSync(join(folder, "store"), "");
				}),
			],
			{},
			1,
			"store",
		],
		[
			"a certificate of --http is not there",
			() => ["--port", "0", "--http", "0", "--token-file", "token", "--http-cert", "no.pem", "--http-key", "no.pem"],
			{},
			2,
			"no.pem can't be read",
		],
		[
			"a certificate of --http is none",
			() => ["--port", "0", "--http", "0", "--token-file", "token", "--http-cert", "token", "--http-key", "token"],
			{},
			1,
			"can't be used",
		],
		[
			"half a certificate is given",
			() => ["--port", "0", "--http", "0", "--token-file", "token", "--http-cert", "token"],
			{},
			2,
			"belong together",
		],
		["the configuration is a folder", () => ["--config", "sound"], {}, 2, "The configuration sound can't be read"],
		["a limit is no number", () => ["--memory", "much"], {}, 2, "--memory much is not a whole number"],
	])("%s", async (_what, args, env, exit, sentence) => {
		const { code, stdout, stderr } = await workshop.startReal(["run", "home.json", ...args()], env).outcome();
		expect(stderr).toContain(sentence);
		expect(stderr).not.toMatch(/unforeseen|\n {4}at /);
		expect(stdout).not.toContain("is running");
		expect(code).toBe(exit);
	});

	test("a certificate of a listener is not there", async () => {
		const { code, stderr } = await workshop.startReal(["run", "tls.json", "--port", "0"]).outcome();
		expect(stderr).toContain("no.pem");
		expect(code).toBe(1);
	});

	test("another process has the same data folder", async () => {
		damaged("shared", () => {});
		const first = workshop.startReal(["run", "home.json", "--port", "0", "--data", "shared"]);
		await first.sees("is running");
		const { code, stderr } = await workshop
			.startReal(["run", "home.json", "--port", "0", "--data", "shared"])
			.outcome();
		expect([code, stderr]).toEqual([1, expect.stringContaining("store")]);
		expect((await first.stop()).code).toBe(0);
	});
});

test("flowbroker run tells of a damaged store, and goes on with what can be read", async () => {
	damaged("torn", (folder) => {
		const journal = join(folder, "store/00000001.journal2");
		chmodSync(journal, 0o600);
		appendFileSync(journal, "\0\0garbage that no store has written");
		mkdirSync(join(folder, "store"), { recursive: true });
	});
	const command = workshop.startReal(["run", "home.json", "--port", "0", "--data", "torn"]);
	await command.sees("is running");
	const { stdout } = await workshop.runReal(["sub", "-p", portOf(command.stdout), "-t", "kept", "-C", "1", "-W", "5"]);
	expect(stdout).toBe("me\n");
	expect((await command.stop()).code).toBe(0);
});

test("flowbroker run tells of users that it can't read, and lets nobody in", async () => {
	damaged("users", (folder) => writeFileSync(join(folder, "access.json"), "{"));
	const command = workshop.startReal(["run", "home.json", "--port", "0", "--data", "users"]);
	await command.sees("is running");
	await command.sees("access.json");
	const { code } = await workshop.runReal(["pub", "-p", portOf(command.stdout), "-t", "kept", "-m", "me"]);
	expect(code).not.toBe(0);
	expect((await command.stop()).code).toBe(0);
});
