import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { FileProblem } from "../../broker";
import { vectors } from "../broker/access/vectors";
import { startBroker, type TestBroker } from "../helpers/broker";
import { connect } from "../helpers/mqtt-client";
import { findProgram, run } from "../helpers/peer-program";
import { setPassword } from "./mosquitto/files";

describe("a broker with Mosquitto's files", () => {
	let folder: string;
	let passwordFile: string;
	let aclFile: string;
	const started: TestBroker[] = [];

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "flowbroker-files-"));
		passwordFile = join(folder, "passwords");
		aclFile = join(folder, "acl");
	});

	afterEach(async () => {
		await Promise.all(started.splice(0).map(({ broker }) => broker.stop()));
		rmSync(folder, { recursive: true });
	});

	async function serve(files: { passwordFile?: string; aclFile?: string }): Promise<TestBroker> {
		const served = await startBroker({ anonymous: false, access: { kind: "mosquitto", ...files } });
		started.push(served);
		return served;
	}

	async function exitCode({ port }: TestBroker, user: string, password: string): Promise<number | null> {
		const args = ["-p", String(port), "-u", user, "-P", password, "-t", "t", "-m", "x"];
		return (await run(findProgram("mosquitto_pub"), args)).code;
	}

	function changed({ broker }: TestBroker): Promise<void> {
		return new Promise((resolve) => {
			const end = broker.access.onChange(() => {
				end();
				resolve();
			});
		});
	}

	test("lets mosquitto_pub in with every kind of hash, and not with a wrong password", async () => {
		writeFileSync(passwordFile, vectors.map(({ user, hash }) => `${user}:${hash}\n`).join(""));
		const served = await serve({ passwordFile });
		for (const { user, password } of vectors) {
			expect([user, await exitCode(served, user, `${password}x`)]).toEqual([user, 5]);
			expect([user, await exitCode(served, user, password)]).toEqual([user, 0]);
		}
	});

	test("takes over what mosquitto_passwd changes: the old session ends, the new password works", async () => {
		writeFileSync(passwordFile, "");
		await setPassword(passwordFile, "rajan", "old pw");
		await setPassword(passwordFile, "other", "other pw");
		const served = await serve({ passwordFile });
		const rajan = await connect(served.url, { username: "rajan", password: "old pw", protocolVersion: 5 });
		const other = await connect(served.url, { username: "other", password: "other pw" });
		const told = new Promise<number | undefined>((resolve) =>
			rajan.mqtt.once("disconnect", ({ reasonCode }) => resolve(reasonCode)),
		);
		await setPassword(passwordFile, "rajan", "new pw");
		expect(await told).toBe(0x87);
		expect(await exitCode(served, "rajan", "old pw")).toBe(5);
		expect(await exitCode(served, "rajan", "new pw")).toBe(0);
		expect(other.mqtt.connected).toBe(true);
		await other.close();
	});

	test("lets nobody in any more whom mosquitto_passwd deletes", async () => {
		writeFileSync(passwordFile, "");
		await setPassword(passwordFile, "rajan", "rajan pw");
		await setPassword(passwordFile, "other", "other pw");
		const served = await serve({ passwordFile });
		const rajan = await connect(served.url, { username: "rajan", password: "rajan pw" });
		const closed = new Promise<void>((resolve) => rajan.mqtt.once("close", () => resolve()));
		await run(findProgram("mosquitto_passwd"), ["-D", passwordFile, "rajan"]);
		await closed;
		expect(await exitCode(served, "rajan", "rajan pw")).toBe(5);
		expect(await exitCode(served, "other", "other pw")).toBe(0);
	});

	test("keeps the rules when the ACL file gets a mistake, and takes over the repaired one", async () => {
		writeFileSync(passwordFile, "");
		await setPassword(passwordFile, "rajan", "rajan pw");
		writeFileSync(aclFile, "user rajan\ntopic readwrite home/#\n");
		const served = await serve({ passwordFile, aclFile });
		const login = { username: "rajan", password: "rajan pw", protocolVersion: 5 } as const;
		const rajan = await connect(served.url, login);
		await rajan.mqtt.subscribeAsync("#", { qos: 1 });
		const problem = new Promise<FileProblem>((resolve) => served.broker.events.once("accessProblem", resolve));
		appendFileSync(aclFile, "topic readwrite open\ntopic wrong secret\n");
		expect(await problem).toMatchObject({ file: aclFile, line: 4, severity: "error" });

		for (const topic of ["open", "secret"]) {
			await expect(rajan.mqtt.publishAsync(topic, "no", { qos: 1 })).rejects.toThrow("Not authorized");
		}
		await rajan.mqtt.publishAsync("home/x", "yes", { qos: 1 });
		await rajan.next(({ topic }) => topic === "home/x");

		const repaired = changed(served);
		writeFileSync(aclFile, "user rajan\ntopic readwrite open\n");
		await repaired;
		await expect(rajan.mqtt.publishAsync("home/x", "no", { qos: 1 })).rejects.toThrow("Not authorized");
		await rajan.mqtt.publishAsync("open", "yes", { qos: 1 });
		await rajan.next(({ topic }) => topic === "open");
		expect(rajan.received.map(({ topic }) => topic)).toEqual(["home/x", "open"]);
		await rajan.close();
	});
});
