import { expect, test } from "@jest/globals";
import { runFlows } from "../helpers/flow-run";
import { freePort } from "../helpers/free-port";
import { HomeWatch } from "../helpers/home-watch";

test("two houses share what both want to know, and nothing goes round in circles", async () => {
	const second = await freePort();
	await using run = await runFlows({ flows: ["bridge/two-houses"], env: { SECOND_PORT: String(second) } });
	const ports = [...run.output().matchAll(/MQTT on 127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
	const here = await HomeWatch.open(`mqtt://127.0.0.1:${ports.find((port) => port !== second)}`);
	const there = await HomeWatch.open(`mqtt://127.0.0.1:${second}`);
	await here.publish("home/doorbell", "rings");
	await there.until("houses/first/doorbell", "rings");
	await there.until("home/display", "The first house: rings");
	await there.publish("home/garden/temperature", "8.5", { retain: true });
	await here.until("houses/second/garden/temperature", "8.5");
	await here.settle();
	await there.settle();
	expect(here.all("home/doorbell")).toEqual(["rings"]);
	expect(there.all("houses/first/doorbell")).toEqual(["rings"]);
	expect(here.all("houses/second/display")).toEqual(["The first house: rings"]);
	await here.close();
	await there.close();
	expect(await run.stop()).toBe(0);
});
