import { once } from "node:events";
import { expect, test } from "@jest/globals";
import { startBroker } from "../helpers/broker";
import { RawClient } from "../helpers/raw-client";

test("a message that is larger than the client takes is told, and counted", async () => {
	const { broker, port } = await startBroker({ sysInterval: 0 });
	const dropped = once(broker.events, "dropped");
	const fields = { clientId: "small", properties: { maximumPacketSize: 50 } };
	const client = await RawClient.login(port, 5, fields);
	client.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "t", qos: 1 }] });
	await client.expect("suback");
	client.send({ cmd: "publish", topic: "t", payload: "x".repeat(100), qos: 0, dup: false, retain: false });
	const [info, count] = await dropped;
	expect([info.id, count, broker.metrics().publish.dropped.slowClient]).toEqual(["small", 1, 1]);
	client.drop();
	await broker.stop();
});
