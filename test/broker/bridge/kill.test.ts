import { describe, expect, test } from "@jest/globals";
import { killed } from "./killed";

const PATIENCE = 280_000;

describe("a process with a bridge that is killed ten times", () => {
	test.each([
		["bridge-in", "what comes from the other broker"],
		["bridge-out", "what goes to the other broker"],
	])(
		"%s: loses nothing of %s that was acknowledged, and QoS 2 crosses once",
		async (direction) => {
			const { qos1, qos2, retained } = await killed(direction, "flowbroker", 10);
			expect({ qos1, qos2, retained }).toEqual({
				qos1: expect.objectContaining({ lost: 0 }),
				qos2: expect.objectContaining({ lost: 0, twice: 0 }),
				retained: { topics: 20, lostOrOld: 0 },
			});
			expect(qos1.acknowledged).toBeGreaterThan(50);
			expect(qos2.acknowledged).toBeGreaterThan(25);
		},
		PATIENCE,
	);
});
