import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { freePort } from "../helpers/free-port";
import { findProgram, type PeerProgram, run, start } from "../helpers/peer-program";

const root = join(__dirname, "../..");

describe("the demo home, as a newcomer meets it", () => {
	let home: PeerProgram;
	let port: string;
	let pub: string;
	let sub: string;

	beforeAll(async () => {
		pub = findProgram("mosquitto_pub");
		sub = findProgram("mosquitto_sub");
		port = String(await freePort());
		home = start(process.execPath, [join(root, "dist/runtime/cli.js"), "run", "flows/demo-home.json", "--port", port]);
		await home.line((line) => line.includes("is running"));
	});

	afterAll(async () => {
		expect((await home.kill()).code).toBe(0);
	});

	test("prints the listener and what to try next", async () => {
		await home.line((line) => line.includes(`is running - MQTT on 127.0.0.1:${port}`));
		await home.line((line) => line.includes(`mosquitto_sub -p ${port} -v -t 'home/#'`));
	});

	test("shows itself live to mosquitto_sub", async () => {
		const { stdout, code } = await run(sub, ["-p", port, "-v", "-t", "home/#", "-C", "4", "-W", "20"]);
		expect(code).toBe(0);
		expect(stdout).toMatch(/^home\/livingroom\/temperature \d+\.\d$/m);
		expect(stdout).toMatch(/^home\/livingroom\/light off$/m);
	});

	test("switches the light for mosquitto_pub, and a later subscriber sees the state at once", async () => {
		const watcher = start(sub, ["-p", port, "-v", "-t", "home/livingroom/light", "-W", "20"]);
		await watcher.line((line) => line.endsWith("off"));
		await run(pub, ["-p", port, "-t", "home/livingroom/light/set", "-m", "on"]);
		await watcher.line((line) => line === "home/livingroom/light on");
		await watcher.kill();
		const late = await run(sub, ["-p", port, "-v", "-t", "home/livingroom/light", "-C", "1", "-W", "10"]);
		expect(late.stdout).toBe("home/livingroom/light on\n");
	});

	test("lets the thermostat follow the wish", async () => {
		const watcher = start(sub, ["-p", port, "-v", "-t", "home/livingroom/heating", "-W", "20"]);
		await run(pub, ["-p", port, "-t", "home/livingroom/thermostat/set", "-m", "28"]);
		await watcher.line((line) => line === "home/livingroom/heating on");
		await run(pub, ["-p", port, "-t", "home/livingroom/thermostat/set", "-m", "5"]);
		await watcher.line((line) => line === "home/livingroom/heating off");
		await watcher.kill();
	});

	test("shows a killed client's last will, and the device monitor tells it", async () => {
		const alerts = start(sub, ["-p", port, "-v", "-t", "home/alerts", "-t", "home/lamp/status", "-W", "20"]);
		const will = ["--will-topic", "home/lamp/status", "--will-payload", "offline", "--will-retain"];
		const device = start(sub, ["-p", port, "-i", "lamp", "-t", "home/livingroom/light", ...will]);
		await device.line((line) => line === "on" || line === "off");
		await device.kill("SIGKILL");
		await alerts.line((line) => line === "home/lamp/status offline");
		await alerts.line((line) => line === "home/alerts lamp is offline");
		await alerts.kill();
	});

	test("has a device of its own whose last will speaks", async () => {
		const watcher = start(sub, ["-p", port, "-v", "-t", "home/button/status", "-W", "60"]);
		await watcher.line((line) => line === "home/button/status offline");
		await watcher.kill();
	}, 60_000);

	test.each(["mqttv31", "mqttv311", "mqttv5"])(
		"speaks %s with Mosquitto's clients at QoS 0, 1 and 2",
		async (version) => {
			// The retained message tells that the subscription is there: debug lines stay in the reader's buffer.
			await run(pub, ["-p", port, "-t", "greetings", "-m", "ready", "-r"]);
			const reader = start(sub, ["-p", port, "-V", version, "-t", "greetings", "-q", "2", "-C", "4", "-W", "20"]);
			await reader.line((line) => line === "ready");
			for (const qos of ["0", "1", "2"]) {
				const { code, stdout } = await run(pub, [
					"-p",
					port,
					"-V",
					version,
					"-t",
					"greetings",
					"-m",
					qos,
					"-q",
					qos,
					"-d",
				]);
				expect(code).toBe(0);
				expect(stdout).toContain("received CONNACK (0)");
			}
			const { stdout } = await reader.ended;
			expect(stdout).toBe("ready\n0\n1\n2\n");
		},
	);
});
