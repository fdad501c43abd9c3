import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { access, Denial } from "../../../broker";
import { vectors } from "../../broker/access/vectors";
import { startBroker, type TestBroker } from "../../helpers/broker";
import { connect, type TestClient } from "../../helpers/mqtt-client";
import { AccessDesk } from "./access-desk";

let desk: AccessDesk;
let running: TestBroker;

beforeAll(() => {
	desk = new AccessDesk();
});
beforeEach(async () => {
	desk.put(undefined);
	running = await startBroker({ access: { kind: "users", file: desk.file } });
});
afterEach(async () => running[Symbol.asyncDispose]());
afterAll(() => desk.remove());

function store(): access.AccessStore {
	if (!running.broker.users) throw new Error("the broker has no users");
	return running.broker.users;
}

/** Resolves when the broker has read what a command wrote: it watches the file. */
function until(holds: (users: ReadonlySet<string | null>) => boolean): Promise<void> {
	return new Promise((resolve) => {
		const check = (users: ReadonlySet<string | null>) => {
			if (!holds(users)) return;
			end();
			resolve();
		};
		const end = store().onChange(({ users }) => check(users));
		check(new Set());
	});
}

const closed = (client: TestClient): Promise<void> =>
	new Promise((resolve) => client.mqtt.once("close", () => resolve()));

const login = (username: string, password: string): Promise<TestClient> =>
	connect(running.url, { username, password, protocolVersion: 5, clientId: `client of ${username}` });

const nextDenial = (): Promise<Denial> => new Promise((resolve) => running.broker.events.once("denied", resolve));

describe("a broker that runs", () => {
	test("lets a new user in, obeys the rules of now, and cuts off who is removed", async () => {
		await desk.succeed("user add rajan", "s3cret!\n");
		await desk.succeed("rule add --user rajan allow all garden/#");
		const rules = () => store().user("rajan")?.rules.length;
		await until(() => rules() === 1);
		const rajan = await login("rajan", "s3cret!");
		await rajan.mqtt.subscribeAsync("garden/#");
		await rajan.mqtt.publishAsync("garden/door", "open", { qos: 1 });
		expect((await rajan.next()).text).toBe("open");

		await desk.succeed("rule remove --user rajan allow all garden/#");
		await until(() => rules() === 0);
		const denied = nextDenial();
		await expect(rajan.mqtt.publishAsync("garden/door", "again", { qos: 1 })).rejects.toThrow("Not authorized");
		expect(await denied).toMatchObject({ user: "rajan", action: "publish", topic: "garden/door" });

		const end = closed(rajan);
		await desk.succeed("user remove rajan");
		await end;
		await expect(login("rajan", "s3cret!")).rejects.toThrow("Not authorized");
	});

	test("A5 keeps clients without user name out as soon as there is a file", async () => {
		const guest = await connect(running.url);
		const end = closed(guest);
		await desk.succeed("user add rajan --generate");
		await end;
		await expect(connect(running.url)).rejects.toThrow();
	});

	test("lets the users of Mosquitto's password file in, whatever its hashes are, and one with a new password", async () => {
		const lines = vectors.map(({ user, hash }) => `${user}:${hash}\n`);
		writeFileSync(join(desk.workshop.cwd, "passwd"), lines.join(""));
		await desk.succeed("access import --password-file passwd");
		await until(() => running.broker.access.isUser("frank"));
		for (const { user, password } of vectors) await (await login(user, password)).close();
		await expect(login("alice", "wrong")).rejects.toThrow();
		const taken = until((users) => users.has("bob"));
		await desk.succeed("user passwd bob", "new\n");
		await taken;
		await expect(login("bob", "s3cret!")).rejects.toThrow();
		await (await login("bob", "new")).close();
	});

	test("and commands at the same time lose nothing of each other", async () => {
		const names = Array.from({ length: 12 }, (_, at) => `user${at}`);
		const byCommand = names.map((name) => desk.succeed(`user add ${name} --no-password`));
		const byBroker = names.map(async (name) => {
			await store().addUser(`broker's ${name}`, null);
			await store().addRule(
				{ user: `broker's ${name}` },
				{ effect: "allow", action: "all", filter: name, priority: 0 },
			);
		});
		await Promise.all([...byCommand, ...byBroker]);
		const users = desk.document().users.map(({ name }) => name);
		expect(users.sort()).toEqual([...names, ...names.map((name) => `broker's ${name}`)].sort());
	});
});
