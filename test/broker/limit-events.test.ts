import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import {
	type Broker,
	type BrokerEventMap,
	createBroker,
	parseBrokerOptions,
	prometheusText,
	runCommand,
} from "../../broker";
import { CertificateWatch } from "../../broker/certificate-watch";
import type { ListenerState } from "../../broker/listeners/listener";
import { startBroker } from "../helpers/broker";
import { LookOut } from "../helpers/look-out";
import { connect } from "../helpers/mqtt-client";
import { RawClient } from "../helpers/raw-client";
import { vectors } from "./access/vectors";
import { onEachEngine, publish } from "./attacks/arena";
import { makeHouse } from "./listeners/house";
import { testFolder } from "./store/folder";

/** What an event tells, as it comes. */
function toldBy<Name extends "clientSlowed" | "banned" | "certificateEnding">(
	{ events }: Pick<Broker, "events">,
	name: Name,
): { all: BrokerEventMap[Name][]; next(count: number): Promise<BrokerEventMap[Name][]> } {
	const all: BrokerEventMap[Name][] = [];
	const lookOut = new LookOut();
	(events as import("node:events").EventEmitter).on(name, (...told: BrokerEventMap[Name]) => {
		all.push(told);
		lookOut.changed();
	});
	return { all, next: (count) => lookOut.until(() => (all.length >= count ? all : undefined)) };
}

onEachEngine((arena) => {
	test("a client that is slowed down by its limits is told, once and then in sums, and counted", async () => {
		const attacked = await arena({ messageRate: 10 });
		const slowed = toldBy(attacked.broker, "clientSlowed");
		const flooder = await RawClient.login(attacked.port, 5, { clientId: "flooder" });
		flooder.send(...Array.from({ length: 25 }, () => publish("flood")));
		await flooder.ping();
		expect(slowed.all).toEqual([[expect.objectContaining({ id: "flooder", address: "127.0.0.1" }), 1]]);
		const times = attacked.broker.metrics().slowed;
		expect(times).toBeGreaterThanOrEqual(2);
		const text = prometheusText([{ labels: {}, metrics: attacked.broker.metrics() }]);
		expect(text).toContain(`flowbroker_clients_slowed_total ${times}\n`);
		flooder.drop();
		await attacked[Symbol.asyncDispose]();
		expect(slowed.all.reduce((sum, [, count]) => sum + count, 0)).toBe(times);
	});
});

describe("a ban is told", () => {
	test("when an administrator sets it", async () => {
		await using on = await startBroker();
		const banned = toldBy(on.broker, "banned");
		await runCommand(on.broker, "banClient", { user: "mallory", seconds: 60, reason: "noise" });
		const ban = { clientId: null, user: "mallory", address: null, reason: "noise", by: "administrator" };
		expect(banned.all).toEqual([[expect.objectContaining(ban), 1]]);
	});

	test("for wrong passwords, listed and lifted also where the users are in Mosquitto's files", async () => {
		await using folder = await testFolder();
		const passwordFile = join(folder.path, "passwd");
		const [alice] = vectors;
		await writeFile(passwordFile, `alice:${alice?.hash}\n`);
		await using on = await startBroker({ access: { kind: "mosquitto", passwordFile } });
		const banned = toldBy(on.broker, "banned");
		const tries = Array.from({ length: 10 }, () => RawClient.open(on.port, 4));
		for (const client of await Promise.all(tries)) {
			client.send({ cmd: "connect", clientId: "c", clean: true, username: "alice", password: Buffer.from("guess") });
		}
		const [[ban]] = (await banned.next(1)) as [[BrokerEventMap["banned"][0], number]];
		expect(ban).toMatchObject({ user: "alice", address: "127.0.0.1", by: "wrong passwords" });
		expect(await runCommand(on.broker, "listBans", {})).toEqual([ban]);
		const login = () => connect(on.url, { username: "alice", password: alice?.password as string });
		await expect(login()).rejects.toThrow();
		await runCommand(on.broker, "liftBan", { user: "alice", address: "127.0.0.1" });
		expect(await runCommand(on.broker, "listBans", {})).toEqual([]);
		await (await login()).close();
	});
});

describe("the end of a certificate", () => {
	test("is told when the broker starts and when there is another certificate, and is in the metrics", async () => {
		await using house = await makeHouse();
		const listeners = [{ port: 0 }, { name: "tls", kind: "tls", port: 0, tls: house.files }];
		const broker = createBroker(parseBrokerOptions({ listeners }));
		const ending = toldBy(broker, "certificateEnding");
		await broker.start();
		expect(ending.all).toMatchObject([[{ name: "tls", certificate: { subject: "CN=first", daysLeft: 9 } }]]);
		expect(broker.metrics().certificates).toEqual([{ listener: "tls", daysLeft: 9 }]);
		const text = prometheusText([{ labels: { broker: "b" }, metrics: broker.metrics() }]);
		expect(text).toContain('flowbroker_certificate_days_left{broker="b",listener="tls"} 9\n');
		await house.renew("second");
		expect((await ending.next(2))[1]).toMatchObject([{ certificate: { subject: "CN=second" } }]);
		await broker.stop();
	});

	test("is told once for each step towards it", () => {
		const told: number[] = [];
		let daysLeft = 40;
		const listener = () =>
			({ name: "tls", certificate: { subject: "CN=x", notAfter: 1, daysLeft } }) as unknown as ListenerState;
		const watch = new CertificateWatch(
			() => [listener()],
			({ certificate }) => told.push(certificate.daysLeft),
		);
		for (; daysLeft >= -2; daysLeft--) {
			watch.look();
			watch.look();
		}
		expect(told).toEqual([30, 14, 7, 3, 2, 1, 0]);
	});
});
