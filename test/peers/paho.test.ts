import { expect, test } from "@jest/globals";
import { startBroker } from "../helpers/broker";
import { findPaho, run } from "../helpers/peer-program";

/** Subscribes, publishes at each QoS, and prints what comes back. */
const script = `
import sys, paho.mqtt.client as mqtt
port, version = int(sys.argv[1]), int(sys.argv[2])
client = mqtt.Client(protocol=version) if not hasattr(mqtt, "CallbackAPIVersion") \\
    else mqtt.Client(mqtt.CallbackAPIVersion.VERSION1, protocol=version)
got = []
def connected(client, *_):
    client.subscribe("paho/#", 2)
def subscribed(client, *_):
    for qos in (0, 1, 2):
        client.publish("paho/%d" % qos, "héllo", qos)
def message(client, _, message):
    got.append((message.topic, message.qos, message.payload.decode()))
    if len(got) == 3:
        client.disconnect()
client.on_connect, client.on_subscribe, client.on_message = connected, subscribed, message
client.connect("127.0.0.1", port)
client.loop_forever()
for line in sorted(got):
    print(*line)
`;

test.each([
	["3.1", 3],
	["3.1.1", 4],
	["5", 5],
])("Paho for Python speaks MQTT %s with us at QoS 0, 1 and 2", async (_name, version) => {
	const { broker, port } = await startBroker();
	const { stdout, stderr } = await run(findPaho(), ["-c", script, String(port), String(version)]);
	expect(stderr).toBe("");
	expect(stdout).toBe("paho/0 0 héllo\npaho/1 1 héllo\npaho/2 2 héllo\n");
	await broker.stop();
});
