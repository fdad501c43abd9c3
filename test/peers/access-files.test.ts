import { chmodSync, chownSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { startBroker } from "../helpers/broker";
import { connect } from "../helpers/mqtt-client";
import { findProgram, type PeerProgram, run, start } from "../helpers/peer-program";
import { AccessDesk } from "../runtime/commands/access-desk";

let desk: AccessDesk;
const inCwd = (name: string) => join(desk.workshop.cwd, name);

beforeAll(() => {
	desk = new AccessDesk();
	// The broker of Mosquitto gives up the rights of root before it reads these files.
	chmodSync(desk.workshop.root, 0o755);
});
beforeEach(() => desk.put(undefined));
afterAll(() => desk.remove());

/** Makes the files `passwd` and `acl` as an administrator of Mosquitto does. */
async function makeMosquittoFiles(): Promise<void> {
	const tool = findProgram("mosquitto_passwd");
	await run(tool, ["-c", "-b", inCwd("passwd"), "alice", "correct horse"]);
	await run(tool, ["-b", inCwd("passwd"), "bob", "pässwörd"]);
	await run(tool, ["-H", "sha512", "-b", inCwd("passwd"), "carol", "s3cret!"]);
	writeFileSync(
		inCwd("acl"),
		"user alice\ntopic readwrite home/#\ntopic deny home/safe\n\npattern readwrite own/%u/#\n",
	);
}

const importBoth = "access import --password-file passwd --acl-file acl";
const exportBoth = "access export --password-file passwd.out --acl-file acl.out --force";

/** Nobody else can be told which port to take: Mosquitto knows no port 0. */
async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	if (address === null || typeof address === "string") throw new Error("no port");
	return address.port;
}

async function startMosquitto(): Promise<{ broker: PeerProgram; port: string }> {
	const port = String(await freePort());
	const lines = [`listener ${port} 127.0.0.1`, "allow_anonymous false"];
	writeFileSync(
		inCwd("mosquitto.conf"),
		`${[...lines, `password_file ${inCwd("passwd.out")}`, `acl_file ${inCwd("acl.out")}`].join("\n")}\n`,
	);
	// As an administrator does with sudo: only this user may read them.
	if (process.getuid?.() === 0) {
		const uid = Number((await run("id", ["-u", "mosquitto"])).stdout);
		for (const name of ["passwd.out", "acl.out"]) chownSync(inCwd(name), uid, uid);
		chmodSync(desk.workshop.cwd, 0o755);
	}
	const broker = start(findProgram("mosquitto"), ["-v", "-c", inCwd("mosquitto.conf")]);
	await broker.line((line) => line.endsWith("running"));
	return { broker, port };
}

describe("Mosquitto's own password file and ACL file", () => {
	test("are taken over, and their users log in with the same rights", async () => {
		await makeMosquittoFiles();
		await desk.succeed(importBoth);
		await using running = await startBroker({ access: { kind: "users", file: desk.file } });
		const logins = { alice: "correct horse", bob: "pässwörd", carol: "s3cret!" };
		for (const [username, password] of Object.entries(logins)) {
			const client = await connect(running.url, { username, password, protocolVersion: 5 });
			await client.mqtt.subscribeAsync(`own/${username}/#`);
			await client.mqtt.publishAsync(`own/${username}/x`, "mine", { qos: 1 });
			expect((await client.next()).text).toBe("mine");
			await expect(client.mqtt.publishAsync("home/safe", "x", { qos: 1 })).rejects.toThrow("Not authorized");
			await client.close();
		}
		await expect(connect(running.url, { username: "alice", password: "wrong" })).rejects.toThrow();
	});

	test("come back from an export the same in meaning, and Mosquitto takes them", async () => {
		await makeMosquittoFiles();
		await desk.succeed(importBoth);
		// Set by us, so with argon2id, which the Mosquitto of this machine may not know.
		await desk.succeed("user add frank", "new\n");
		const refused = await desk.run(`${exportBoth} --mosquitto 2.0`);
		expect(refused).toMatchObject({ code: 1 });
		expect(refused.stderr).toContain('user "frank": the password is stored with argon2id');
		await desk.succeed(`${exportBoth} --mosquitto 2.0 --partial`);
		expect(readFileSync(inCwd("passwd.out"), "utf8").split("\n").sort()).toEqual(
			readFileSync(inCwd("passwd"), "utf8").split("\n").sort(),
		);

		const { broker, port } = await startMosquitto();
		try {
			const url = `mqtt://127.0.0.1:${port}`;
			const alice = await connect(url, { username: "alice", password: "correct horse", protocolVersion: 5 });
			await alice.mqtt.subscribeAsync(["home/#", "own/#"]);
			await expect(alice.mqtt.publishAsync("home/safe", "x", { qos: 1 })).rejects.toThrow("Not authorized");
			await alice.mqtt.publishAsync("own/alice/x", "mine", { qos: 1 });
			expect((await alice.next()).topic).toBe("own/alice/x");
			await alice.mqtt.publishAsync("home/door", "open", { qos: 1 });
			expect((await alice.next(({ topic }) => topic === "home/door")).text).toBe("open");
			await alice.close();
			const bob = await connect(url, { username: "bob", password: "pässwörd", protocolVersion: 5 });
			await expect(bob.mqtt.publishAsync("home/door", "x", { qos: 1 })).rejects.toThrow("Not authorized");
			await bob.close();
			await expect(connect(url, { username: "frank", password: "new" })).rejects.toThrow();
		} finally {
			await broker.kill();
		}
	});
});
