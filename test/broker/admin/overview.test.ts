import { describe, expect, test } from "@jest/globals";
import { FlowbrokerError } from "../../../broker";
import { getOverview } from "../../../broker/admin/overview";
import { MemoryStore } from "../../../broker/store/memory";
import type { StoreEvents } from "../../../broker/store/store";
import { startBroker } from "../../helpers/broker";
import { freePort } from "../../helpers/free-port";
import { endedAfterEach } from "../../helpers/kept";
import { isConnected, join } from "../bridge/joined";

const keep = endedAfterEach();

describe("the overview of a broker", () => {
	test("lists its bridges, with what is wrong with them, as long as there are any", async () => {
		const [here, there] = [keep(await startBroker()), keep(await startBroker())];
		expect(getOverview(here.broker).bridges).toEqual([]);
		const port = await freePort();
		const good = keep(await join(here, there.port, ["out/# out 1"], { id: "good", name: "Good" }));
		const bad = await join(here, port, ["# out 1", "x in 1"], { id: "bad", name: "Bad" });
		await Promise.all([good.until(isConnected), bad.until(({ phase }) => phase === "away")]);
		here.broker.localClient("test").publish({ topic: "x", payload: Buffer.from("y"), qos: 1, retain: false });
		const common = { dropped: 0, waiting: 0 };
		// As it goes over HTTP.
		expect(JSON.parse(JSON.stringify(getOverview(here.broker).bridges))).toEqual([
			{
				...common,
				id: "good",
				name: "Good",
				phase: "connected",
				server: `127.0.0.1:${there.port}`,
				protocolVersion: 5,
				rules: 1,
				error: null,
			},
			{
				...common,
				id: "bad",
				name: "Bad",
				phase: "away",
				server: `127.0.0.1:${port}`,
				protocolVersion: null,
				rules: 2,
				waiting: 1,
				error: { code: "CONNECTION_LOST", message: expect.any(String) },
			},
		]);
		await bad.bridge.stop();
		expect(getOverview(here.broker).bridges.map(({ id }) => id)).toEqual(["good"]);
	});

	test("says why the store takes nothing, until it does again", async () => {
		let tell: StoreEvents["problem"] = () => {};
		const store = (limits: ConstructorParameters<typeof MemoryStore>[0], events: StoreEvents) => {
			tell = events.problem;
			return new MemoryStore(limits, events);
		};
		const { broker } = keep(await startBroker({}, { store }));
		expect(getOverview(broker).storeProblem).toBeNull();
		tell({ kind: "failing", error: new FlowbrokerError("STORE_FAILING", "The disk is full.") });
		tell({ kind: "warning", error: new FlowbrokerError("STORE_UNTIDY", "Something else.") });
		expect(getOverview(broker).storeProblem).toBe("The disk is full.");
		tell({ kind: "working" });
		expect(getOverview(broker).storeProblem).toBeNull();
	});
});
