import { EventEmitter } from "node:events";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { type Broker, type BrokerOptions, FlowbrokerError, parseBrokerOptions } from "../../broker";
import { BrokerRegistry } from "../../nodes/broker/broker-registry";
import { EmbeddedService } from "../../nodes/broker/embedded-service";
import type { BrokerSettings, CreateService, HostReport } from "../../nodes/broker/service";

/** What the brokers did, in order: `start 1`, `stopping 1`, `stopped 1`. */
let deeds: string[];
let created: number;

/** A broker that does nothing but to take its time: the higher its port, the longer it takes to stop. */
function fakeBroker(options: BrokerOptions): Broker {
	const port = options.listeners[0]?.port;
	created++;
	return {
		state: "running",
		options,
		events: new EventEmitter(),
		listeners: [{ name: "tcp", kind: "tcp", host: "127.0.0.1", port: port ?? 0, up: true, error: undefined }],
		start: async () => {
			await pause();
			if (port === 13) throw new Error("the engine is broken");
			deeds.push(`start ${port}`);
		},
		stop: async () => {
			deeds.push(`stopping ${port}`);
			for (let turn = 0; turn < (port ?? 0); turn++) await pause();
			deeds.push(`stopped ${port}`);
		},
		localClient: () => ({ close: () => {} }),
		clients: () => [],
	} as unknown as Broker;
}

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
const onPort = (port: number): BrokerSettings => ({
	kind: "embedded",
	options: parseBrokerOptions({ listeners: [{ port }] }),
});
const createService: CreateService = (settings, watcher) =>
	new EmbeddedService(fakeBroker(settings.options as BrokerOptions), watcher);

describe("the brokers of the process", () => {
	let brokers: BrokerRegistry;

	beforeEach(() => {
		deeds = [];
		created = 0;
		brokers = new BrokerRegistry(createService);
	});

	test("start when the deploy is over", async () => {
		const host = brokers.claim("a", onPort(1));
		expect(host.state).toEqual({ kind: "starting" });
		await brokers.settle();
		await host.started;
		expect(host.state).toEqual({ kind: "listening", port: 1, clients: 0 });
	});

	test("go on when they are claimed again with the same settings", async () => {
		const host = brokers.claim("a", onPort(1));
		await brokers.settle();
		for (let deploy = 0; deploy < 10; deploy++) {
			await brokers.release("a", false);
			expect(brokers.claim("a", onPort(1))).toBe(host);
			await brokers.settle();
		}
		expect(deeds).toEqual(["start 1"]);
		expect(created).toBe(1);
	});

	test("have all stopped before one of them starts with other settings", async () => {
		brokers.claim("a", onPort(1));
		brokers.claim("b", onPort(9));
		await brokers.settle();
		deeds = [];
		brokers.claim("a", onPort(9));
		brokers.claim("b", onPort(1));
		await brokers.settle();
		expect(deeds.slice(0, 4).sort()).toEqual(["stopped 1", "stopped 9", "stopping 1", "stopping 9"]);
		expect(deeds.slice(4).sort()).toEqual(["start 1", "start 9"]);
	});

	test("stop before their removal is done", async () => {
		brokers.claim("a", onPort(1));
		await brokers.settle();
		await brokers.release("a", true);
		expect(deeds).toEqual(["start 1", "stopping 1", "stopped 1"]);
	});

	test("stop after a deploy in which no node claims them", async () => {
		brokers.claim("a", onPort(1));
		await brokers.settle();
		await brokers.release("a", false);
		expect(deeds).toEqual(["start 1"]);
		await brokers.settle();
		expect(deeds).toEqual(["start 1", "stopping 1", "stopped 1"]);
	});

	test("do not start when they were removed in the meantime", async () => {
		const host = brokers.claim("a", onPort(1));
		const { started } = host;
		const settled = brokers.settle();
		await brokers.release("a", true);
		await settled;
		await expect(started).rejects.toMatchObject({ code: "BROKER_STOPPED" });
		expect(deeds.filter((deed) => deed.startsWith("start")).length).toBe(
			deeds.filter((deed) => deed.startsWith("stopped")).length,
		);
		expect(host.broker).toBeUndefined();
	});

	test("tell what is wrong with settings, and start when they are put right", async () => {
		const wrong = new FlowbrokerError("OPTION_INVALID", "The port is wrong.");
		const host = brokers.claim("a", wrong);
		const { started } = host;
		await brokers.settle();
		await expect(started).rejects.toBe(wrong);
		expect(host.state).toEqual({ kind: "failed", error: wrong });
		brokers.claim("a", onPort(1));
		await brokers.settle();
		await host.started;
		expect(host.state).toMatchObject({ kind: "listening" });
	});

	test("report a broker that can't start, and try again with the next deploy", async () => {
		const reports: HostReport[] = [];
		const host = brokers.claim("a", onPort(13));
		host.watch({ changed: () => {}, report: (report) => reports.push(report) });
		const { started } = host;
		await brokers.settle();
		await expect(started).rejects.toMatchObject({ code: "ENGINE_FAULT", cause: new Error("the engine is broken") });
		expect(reports).toEqual([{ error: expect.objectContaining({ code: "ENGINE_FAULT" }) }]);
		await brokers.settle();
		expect(created).toBe(1);
		brokers.claim("a", onPort(13));
		await brokers.settle();
		expect(created).toBe(2);
	});
});
