import { expect, test } from "@jest/globals";
import { killed } from "../../broker/bridge/killed";

const PATIENCE = 280_000;

test.each(["bridge-in", "bridge-out"])(
	"%s: a process that is killed loses nothing that was acknowledged, and QoS 2 crosses once, with a Mosquitto on the other side",
	async (direction) => {
		const { qos1, qos2, retained } = await killed(direction, "mosquitto", 10);
		expect([qos1.lost, qos2.lost, qos2.twice, retained.lostOrOld]).toEqual([0, 0, 0, 0]);
		expect(qos2.acknowledged).toBeGreaterThan(25);
	},
	PATIENCE,
);
