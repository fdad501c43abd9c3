/** Limits on how fast one client may send. */

import { describe, expect, test } from "@jest/globals";
import { RawClient } from "../../helpers/raw-client";
import { onEachEngine, publish } from "./arena";

onEachEngine((arena) => {
	describe("a client that sends more than it may", () => {
		test.each([
			["messages", { messageRate: 200 }, "x"],
			["bytes", { byteRate: 65_536 }, "x".repeat(300)],
		])("%s in a second is read more slowly, and loses nothing", async (_name, limits, payload) => {
			await using attacked = await arena(limits);
			let published = 0;
			let whenServed = 0;
			attacked.broker.events.on("published", ({ topic }) => {
				if (topic === "flood") published++;
			});
			const flooder = await RawClient.login(attacked.port, 4, { clientId: "flooder" });
			flooder.send(...Array.from({ length: 300 }, () => publish("flood", 0, { payload })));
			for (let round = 0; round < 20; round++) await attacked.serves();
			whenServed = published;
			await flooder.ping();
			expect(published).toBe(300);
			expect(whenServed).toBeLessThan(300);
			expect(attacked.departures).toEqual([]);
		});

		test("is forgotten in the middle of its wait when it goes", async () => {
			await using attacked = await arena({ messageRate: 10 });
			const flooder = await RawClient.login(attacked.port, 4, { clientId: "flooder" });
			flooder.send(...Array.from({ length: 15 }, () => publish("flood")));
			flooder.drop();
			await attacked.departure("flooder");
			await attacked.serves();
		});
	});
});
