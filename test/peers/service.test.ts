import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { findProgram, run, start } from "../helpers/peer-program";

const root = resolve(__dirname, "../..");
const cli = join(root, "dist/runtime/cli.js");
let folder: string;

beforeAll(() => {
	findProgram("systemd-analyze");
	folder = mkdtempSync(join(tmpdir(), "flowbroker-service-"));
	const config = { flows: [join(root, "flows/demo-home.json")], data: "/var/lib/flowbroker", memory: 200 };
	writeFileSync(join(folder, "flowbroker.json"), JSON.stringify(config));
});

afterAll(() => rmSync(folder, { recursive: true }));

const install = (...words: string[]) =>
	run(process.execPath, [cli, "service", "install", "--config", join(folder, "flowbroker.json"), ...words]);

test.each([[[]], [["--devices"]], [["--data", "/srv/a folder"]]])(
	"systemd finds nothing wrong with the unit of service install %j, and calls it well protected",
	async (words) => {
		const { stdout } = await install("--print", ...words);
		const file = join(folder, "flowbroker.service");
		writeFileSync(file, stdout);
		const verified = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" });
		expect({ status: verified.status, said: verified.stderr }).toEqual({ status: 0, said: "" });
		const judged = execFileSync("systemd-analyze", ["security", "--offline=true", file], { encoding: "utf8" });
		expect(judged).toMatch(/Overall exposure level for flowbroker.service: [12]\.\d OK/);
	},
);

test("a service is installed into the card of another machine, user and all, and removed again", async () => {
	const card = mkdtempSync(join(folder, "card-"));
	const { code, stderr } = await install("--root", card);
	expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	expect(readFileSync(join(card, "etc/passwd"), "utf8")).toMatch(/^flowbroker:.*:\/var\/lib\/flowbroker:.*nologin$/m);
	const link = join(card, "etc/systemd/system/multi-user.target.wants/flowbroker.service");
	expect(readlinkSync(link)).toBe("/etc/systemd/system/flowbroker.service");
	const removed = await run(process.execPath, [cli, "service", "uninstall", "--root", card]);
	expect(removed.stdout).toContain("The service flowbroker is removed.");
	expect(() => readlinkSync(link)).toThrow();
});

/** Listens as systemd does, and prints what it is told. */
const listener = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening", flush=True)
while True:
    print(s.recv(4096).decode().replace("\\n", " "), flush=True)
`;

test("systemd is told that the flow runs, that it lives, and that it ends", async () => {
	const socket = join(folder, "notify");
	const systemd = start(findProgram("python3"), ["-c", listener, socket]);
	await systemd.line((line) => line === "listening");
	const told = (text: string) => systemd.line((line) => line.includes(text));
	const words = [`NOTIFY_SOCKET=${socket}`, "WATCHDOG_USEC=300000", process.execPath, cli, "run"];
	const flow = start("env", [...words, join(root, "flows/demo-home.json"), "--port", "0"]);
	await told("READY=1 STATUS=demo-home.json is running - MQTT on 127.0.0.1:");
	await told("WATCHDOG=1");
	const ended = flow.kill();
	await told("STOPPING=1");
	expect((await ended).code).toBe(0);
	await systemd.kill();
});
