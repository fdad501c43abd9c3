import { once } from "node:events";
import { describe, expect, test } from "@jest/globals";
import { startBroker, type TestBroker } from "../../helpers/broker";
import { connect } from "../../helpers/mqtt-client";
import { RawClient } from "../../helpers/raw-client";
import { publish, subscribe } from "../attacks/arena";
import { type TestFolder, testFolder } from "./folder";

function start({ path }: TestFolder, limits: object = {}): Promise<TestBroker> {
	return startBroker({ store: { kind: "disk", folder: path }, limits, sysInterval: 0 });
}

describe("a broker with a store on the disk, started again", () => {
	test("delivers what waited for a client that was away", async () => {
		await using folder = await testFolder();
		{
			await using on = await start(folder);
			const away = await RawClient.login(on.port, 4, { clientId: "away", clean: false });
			away.send(subscribe(1, "news/#"));
			await away.expect("suback");
			away.drop();
			await once(on.broker.events, "clientDisconnected");
			const publisher = await connect(on.url, { protocolVersion: 5 });
			await publisher.mqtt.publishAsync("news/1", "one", {
				qos: 1,
				properties: { contentType: "text/plain", userProperties: { a: ["1", "2"] } },
			});
			await publisher.mqtt.publishAsync("news/2", "two", { qos: 2, retain: true });
			await publisher.close();
		}
		await using on = await start(folder);
		expect(on.broker.retained("#").map(({ topic }) => topic)).toEqual(["news/2"]);
		const back = await connect(on.url, { clientId: "away", clean: false, protocolVersion: 5 });
		const received = await back.count(2);
		expect(received.map(({ text }) => text)).toEqual(["one", "two"]);
		expect(received[0]?.packet.properties).toMatchObject({
			contentType: "text/plain",
			userProperties: { a: ["1", "2"] },
		});
		await back.close();
	});

	test("does not take a QoS 2 message again that it has acknowledged", async () => {
		await using folder = await testFolder();
		const message = publish("a", 2, { messageId: 9 });
		{
			await using on = await start(folder);
			const publisher = await RawClient.login(on.port, 4, { clientId: "p", clean: false });
			publisher.send(message);
			await publisher.expect("pubrec");
		}
		await using on = await start(folder);
		const topics: string[] = [];
		on.broker.events.on("published", ({ topic }) => topics.push(topic));
		const publisher = await RawClient.login(on.port, 4, { clientId: "p", clean: false });
		publisher.send({ ...message, dup: true } as typeof message);
		await publisher.expect("pubrec");
		publisher.send({ cmd: "pubrel", messageId: 9 });
		await publisher.expect("pubcomp");
		expect(topics).toEqual([]);
		publisher.drop();
	});

	test("goes on with a QoS 2 message that its receiver has, and then with the others", async () => {
		await using folder = await testFolder();
		{
			await using on = await start(folder);
			const away = await RawClient.login(on.port, 4, { clientId: "away", clean: false });
			away.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "a/#", qos: 2 }] });
			await away.expect("suback");
			const publisher = await RawClient.login(on.port, 4, { clientId: "p" });
			publisher.send(publish("a/1", 2, { messageId: 1 }), publish("a/2", 2, { messageId: 2 }));
			const { messageId } = await away.expect("publish", ({ topic }) => topic === "a/1");
			away.send({ cmd: "pubrec", messageId: messageId as number });
			await away.expect("pubrel");
			away.drop();
			publisher.drop();
		}
		await using on = await start(folder);
		const back = await RawClient.login(on.port, 4, { clientId: "away", clean: false });
		await back.expect("pubrel");
		expect(await back.expect("publish")).toMatchObject({ topic: "a/2", dup: true });
		back.drop();
	});

	test("gives up the session of a client that stayed away too long while nothing ran", async () => {
		await using folder = await testFolder();
		{
			await using on = await start(folder, { sessionExpiryMax: 1 });
			for (const clientId of ["away", "other"]) {
				const away = await RawClient.login(on.port, 4, { clientId, clean: false });
				away.drop();
			}
		}
		await new Promise((resolve) => setTimeout(resolve, 1_100));
		await using on = await start(folder);
		const back = await RawClient.open(on.port);
		back.send({
			cmd: "connect",
			clientId: "away",
			clean: false,
			protocolId: "MQTT",
			protocolVersion: 4,
			keepalive: 60,
		});
		expect((await back.expect("connack")).sessionPresent).toBe(false);
		back.drop();
	});

	test("publishes the delayed will of a client that did not come back", async () => {
		await using folder = await testFolder();
		const will = { topic: "w", payload: Buffer.from("bye"), qos: 1, retain: true } as const;
		{
			await using on = await start(folder);
			for (const clientId of ["lost", "back"]) {
				const client = await RawClient.login(on.port, 5, {
					clientId,
					clean: false,
					properties: { sessionExpiryInterval: 100 },
					will: { ...will, topic: `w/${clientId}`, properties: { willDelayInterval: 2 } },
				});
				client.drop();
			}
		}
		await using on = await start(folder);
		const back = await RawClient.login(on.port, 5, { clientId: "back", clean: false });
		while (on.broker.retained("w/#").length === 0) await once(on.broker.events, "published");
		expect(on.broker.retained("w/#").map(({ topic, payload }) => [topic, payload.toString()])).toEqual([
			["w/lost", "bye"],
		]);
		back.drop();
	});
});
