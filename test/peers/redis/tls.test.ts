/** Redis over TLS. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { startBroker } from "../../helpers/broker";
import { connect } from "../../helpers/mqtt-client";
import { findProgram } from "../../helpers/peer-program";
import { redisModules, startRedis } from "../../helpers/redis";

test("a broker keeps what is retained in a Redis that it reaches over TLS, and refuses one that it can't trust", async () => {
	const modules = redisModules();
	const folder = mkdtempSync(join(tmpdir(), "flowbroker-redis-tls-"));
	const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
	const words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost";
	const names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert];
	execFileSync(findProgram("openssl"), [...words.split(" "), ...names], { stdio: "pipe" });
	const secure = ["--port", "0", "--tls-port", "PORT", "--tls-cert-file", cert, "--tls-key-file", key];
	const redis = await startRedis([...secure, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no"], "rediss");
	const store = { kind: "redis", url: redis.url, modules };
	try {
		await expect(startBroker({ store })).rejects.toMatchObject({ code: "REDIS_UNREACHABLE" });
		await using broker = await startBroker({ sysInterval: 0, store: { ...store, ca: readFileSync(cert, "utf8") } });
		const client = await connect(broker.url, { protocolVersion: 5 });
		await client.mqtt.publishAsync("kept", "1", { qos: 1, retain: true });
		await client.mqtt.subscribeAsync("kept");
		expect((await client.next()).text).toBe("1");
		await client.close();
	} finally {
		await redis.remove();
		rmSync(folder, { recursive: true, force: true });
	}
});
