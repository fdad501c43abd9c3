/** What a broker says when it can't use the Redis that it is to share. */

import { tmpdir } from "node:os";
import { expect, test } from "@jest/globals";
import { startBroker } from "../../helpers/broker";
import { freePort } from "../../helpers/free-port";
import { redisModules, startRedis } from "../../helpers/redis";

test("names the packages to install where they are missing", async () => {
	const store = { kind: "redis", url: "redis://127.0.0.1:1/0", modules: tmpdir() };
	await expect(startBroker({ store })).rejects.toMatchObject({
		code: "REDIS_MISSING",
		message: expect.stringContaining("npm install ioredis"),
	});
});

test("says where there is no Redis", async () => {
	const port = await freePort();
	const store = { kind: "redis", url: `redis://:hidden@127.0.0.1:${port}/0`, modules: redisModules() };
	const failed = startBroker({ store });
	await expect(failed).rejects.toMatchObject({ code: "REDIS_UNREACHABLE" });
	await expect(failed).rejects.toThrow(`127.0.0.1:${port}`);
	await expect(failed).rejects.not.toThrow("hidden");
});

test("says that the password is wrong, without the password", async () => {
	const redis = await startRedis();
	await redis.command("CONFIG SET requirepass right-one");
	const url = `redis://:wrong-one@127.0.0.1:${redis.port}/0`;
	try {
		const failed = startBroker({ store: { kind: "redis", url, modules: redisModules() } });
		await expect(failed).rejects.toMatchObject({ code: "REDIS_UNREACHABLE" });
		await expect(failed).rejects.toThrow("WRONGPASS");
		await expect(failed).rejects.not.toThrow("wrong-one");
	} finally {
		await redis.remove();
	}
});

test.each([
	["is full", "CONFIG SET maxmemory 1", "OOM"],
	["is a read-only replica", "REPLICAOF 127.0.0.1 1", "READONLY"],
])("says what a Redis that %s refuses", async (_name, command, word) => {
	const redis = await startRedis();
	await redis.command(command);
	try {
		const failed = startBroker({ store: { kind: "redis", url: redis.url, modules: redisModules() } });
		await expect(failed).rejects.toMatchObject({ code: "REDIS_UNREACHABLE", message: expect.stringContaining(word) });
	} finally {
		await redis.remove();
	}
});

test.each(["localhost:6379", "http://localhost", ""])("refuses %j as an address without repeating it", async (url) => {
	await expect(startBroker({ store: { kind: "redis", url } })).rejects.toMatchObject({ code: "OPTION_INVALID" });
});
