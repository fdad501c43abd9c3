import { describe, expect, test } from "@jest/globals";
import type { Broker } from "../../../broker";
import { DiskStore } from "../../../broker/store/disk";
import type { Durability } from "../../../broker/store/disk/durability";
import { startBroker } from "../../helpers/broker";
import { RawClient, type Version } from "../../helpers/raw-client";
import { publish, subscribe } from "../attacks/arena";
import { Door, FaultyFileSystem, systemError } from "./faulty-file-system";
import { testFolder } from "./folder";

interface Stage extends AsyncDisposable {
	readonly broker: Broker;
	readonly fs: FaultyFileSystem;
	login(version: Version, clientId: string): Promise<RawClient>;
	/** Another client publishes with QoS 0 and gets it, and this one's PINGREQ is answered. */
	serves(client: RawClient): Promise<void>;
}

async function stage(durability: Durability): Promise<Stage> {
	const folder = await testFolder();
	const fs = new FaultyFileSystem();
	const { broker, port } = await startBroker(
		{ sysInterval: 0 },
		{
			store: (limits, events) => new DiskStore(limits, events, { folder: folder.path, durability, fileSystem: fs }),
		},
	);
	const clients: RawClient[] = [];
	const witness = await RawClient.login(port, 4, { clientId: "witness" });
	clients.push(witness);
	witness.send(subscribe(1, "witness"));
	await witness.expect("suback");
	return {
		broker,
		fs,
		login: async (version, clientId) => {
			const properties = version === 5 ? { properties: { sessionExpiryInterval: 600 } } : {};
			const client = await RawClient.login(port, version, { clientId, clean: false, ...properties });
			clients.push(client);
			return client;
		},
		serves: async (client) => {
			witness.send(publish("witness"));
			client.send({ cmd: "pingreq" });
			await Promise.all([witness.expect("publish"), client.expect("pingresp")]);
		},
		[Symbol.asyncDispose]: async () => {
			fs.fate = () => undefined;
			for (const client of clients) client.drop();
			await broker.stop();
			await folder[Symbol.asyncDispose]();
		},
	};
}

const answers = ["puback", "pubrec", "pubcomp", "pubrel", "suback", "unsuback", "publish"] as const;

/** Answers that the client has got so far. */
function counted(client: RawClient): number {
	return answers.reduce((sum, name) => sum + (client.counts[name] ?? 0), 0);
}

describe.each([
	["each", "sync"],
	["interval", "write"],
] as const)("with durability %s, while the first %s is slow", (durability, operation) => {
	/** Everything that client sends is answered only when the disk is done. */
	async function held(on: Stage, client: RawClient, act: () => void, answer: (typeof answers)[number]): Promise<void> {
		// What was said before is done.
		while (on.fs.calls.length === 0) await on.serves(client);
		const door = new Door();
		on.fs.fate = async (call) => {
			if (call.operation === operation && call.name.endsWith(".journal2")) await door.opened;
			return undefined;
		};
		const before = counted(client);
		act();
		await on.serves(client);
		await on.serves(client);
		expect(counted(client)).toBe(before);
		door.open();
		await client.expect(answer);
	}

	test.each([4, 5] as const)("MQTT %d gets no answer too early, and others are served", async (version) => {
		await using on = await stage(durability);
		const client = await on.login(version, "client");
		await held(on, client, () => client.send(subscribe(1, "offline")), "suback");
		await held(on, client, () => client.send(publish("a", 1, { retain: true })), "puback");
		await held(on, client, () => client.send(publish("a", 2, { retain: true, messageId: 7 })), "pubrec");
		await held(on, client, () => client.send({ cmd: "pubrel", messageId: 7 }), "pubcomp");
		await held(
			on,
			client,
			() => client.send({ cmd: "unsubscribe", messageId: 8, unsubscriptions: ["offline"] }),
			"unsuback",
		);
	});

	test("sends a QoS 2 message and its PUBREL only when the store has its packet identifier", async () => {
		await using on = await stage(durability);
		const client = await on.login(4, "client");
		client.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "b", qos: 2 }] });
		await client.expect("suback");
		const door = new Door();
		on.fs.fate = async (call) => {
			if (call.operation === operation) await door.opened;
			return undefined;
		};
		on.broker.localClient("flow").publish({ topic: "b", payload: Buffer.from("x"), qos: 2, retain: false });
		await on.serves(client);
		expect(client.counts.publish).toBeUndefined();
		door.open();
		const { messageId } = await client.expect("publish");
		const second = new Door();
		on.fs.fate = async (call) => {
			if (call.operation === operation) await second.opened;
			return undefined;
		};
		client.send({ cmd: "pubrec", messageId: messageId as number });
		await on.serves(client);
		expect(client.counts.pubrel).toBeUndefined();
		second.open();
		await client.expect("pubrel");
	});
});

describe("a disk that takes nothing", () => {
	test("keeps acknowledgements back, is told once, and acknowledges in order when there is space again", async () => {
		await using on = await stage("interval");
		const problems: string[] = [];
		on.broker.events.on("storeProblem", ({ kind }) => problems.push(kind));
		const client = await on.login(5, "client");
		on.fs.fate = ({ operation }) => (operation === "write" ? { error: systemError("ENOSPC"), short: true } : undefined);
		const failing = new Promise((resolve) => on.broker.events.once("storeProblem", resolve));
		for (let id = 1; id <= 5; id++) client.send(publish(`t/${id}`, 1, { retain: true, messageId: id }));
		await failing;
		await on.serves(client);
		expect(client.counts.puback).toBeUndefined();
		on.fs.fate = () => undefined;
		for (let id = 1; id <= 5; id++) expect((await client.expect("puback")).messageId).toBe(id);
		expect(problems).toEqual(["failing", "working"]);
	});

	test("does not fill the memory: more messages wait with their senders", async () => {
		await using on = await stage("interval");
		const client = await on.login(4, "client");
		const local = on.broker.localClient("flow");
		on.fs.fate = ({ operation }) => (operation === "write" ? { error: systemError("EIO") } : undefined);
		const payload = Buffer.alloc(500_000, "x");
		const told = new Promise((resolve) => on.broker.events.once("storeProblem", resolve));
		for (let id = 1; id <= 40; id++) client.send(publish(`t/${id}`, 1, { retain: true, messageId: id, payload }));
		await told;
		const busy = () =>
			new Promise<unknown>((resolve) => local.publish({ topic: "x", payload, qos: 0, retain: true }, resolve));
		for (let error = await busy(); !error; error = await busy()) {}
		expect(await busy()).toMatchObject({ code: "STORE_BUSY" });
		const kept = on.broker.retained("t/#").length;
		expect(kept).toBeLessThan(40);
		on.fs.fate = () => undefined;
		for (let id = 1; id <= 40; id++) await client.expect("puback");
		expect(on.broker.retained("t/#")).toHaveLength(40);
	});
});
