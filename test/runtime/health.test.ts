import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Workshop } from "./flowbroker-process";

let workshop: Workshop;

beforeAll(() => {
	workshop = new Workshop();
	writeFileSync(join(workshop.cwd, "token"), "a token of enough characters", { mode: 0o600 });
});

afterAll(() => workshop.remove());

const nodes = (more: object = {}) => [
	{ id: "t", type: "tab" },
	{ id: "b", type: "flowbroker-broker", port: "$" + "{FLOWBROKER_PORT}", ...more },
];

describe("flowbroker health", () => {
	test("asks the HTTP server whether the flow is ready", async () => {
		workshop.write("cwd/home.json", nodes());
		const words = ["run", "home.json", "--port", "0", "--http", "0", "--token-file", "token"];
		const command = workshop.startReal(words);
		await command.sees("is running");
		const port = /HTTP on http:\/\/127\.0\.0\.1:(\d+)/.exec(command.stdout)?.[1] ?? "";
		const well = await workshop.runReal(["health", "--http", port]);
		expect([well.code, well.stdout]).toEqual([0, "The runtime is well.\n"]);
		await command.stop();
		const gone = await workshop.runReal(["health"], { FLOWBROKER_HTTP: port });
		expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining("does not answer (connect ECONNREFUSED")]);
	});

	test.each([
		[{ anonymous: "yes" }],
		// Nobody can log in.
		[{ anonymous: "no", access: "users" }],
	])("asks the broker where there is no HTTP server: %j", async (settings) => {
		workshop.write("cwd/bare.json", nodes(settings));
		const command = workshop.startReal(["run", "bare.json", "--port", "0", "--data", "data"]);
		await command.sees("is running");
		const port = /MQTT on 127\.0\.0\.1:(\d+)/.exec(command.stdout)?.[1] ?? "";
		expect((await workshop.runReal(["health", "--port", port])).code).toBe(0);
		await command.stop();
		const gone = await workshop.runReal(["health", "--port", port]);
		expect([gone.code, gone.stderr]).toEqual([
			1,
			expect.stringContaining(`its broker on port ${port} does not answer`),
		]);
	});

	test("says what the runtime says is not ready, and notices another server", async () => {
		let answer = '{"ready":false,"problems":["the flow has not started"]}';
		const server = createServer((_request, response) => response.end(answer));
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const { port } = server.address() as AddressInfo;
		const ask = async () => (await workshop.runReal(["health", "--http", String(port)])).stderr;
		expect(await ask()).toContain("The runtime is not well: the flow has not started.");
		answer = "<html>";
		expect(await ask()).toContain("something else answers on its HTTP port");
		server.close();
	});
});
