/** Where MQTT 5 clients are sent when the broker stops. */

import { expect, test } from "@jest/globals";
import { startBroker } from "../helpers/broker";
import { RawClient } from "../helpers/raw-client";

test("clients of MQTT 5 are sent to the other server (0x9C), the others are only disconnected", async () => {
	const { broker, port } = await startBroker({ serverReference: "other.example:1883" });
	const five = await RawClient.login(port, 5, { clientId: "five" });
	const four = await RawClient.login(port, 4, { clientId: "four" });
	await broker.stop();
	const { reasonCode, properties } = await five.expect("disconnect");
	expect([reasonCode, properties?.serverReference]).toEqual([0x9c, "other.example:1883"]);
	await four.closed();
	expect(four.counts.disconnect).toBeUndefined();
});
