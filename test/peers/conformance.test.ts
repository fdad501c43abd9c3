/** The conformance suite judges Mosquitto: where both fail, the test is to be doubted first. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chapters } from "../conformance/cases";
import { conformanceSuite } from "../conformance/conformance.suite";
import type { RestartableTarget, Target } from "../conformance/target";
import { mosquittoUsers } from "../conformance/users";
import { deviations } from "./mosquitto/deviations";
import { startMosquitto } from "./mosquitto/server";

async function mosquitto(): Promise<Target> {
	const folder = mkdtempSync(join(tmpdir(), "flowbroker-conformance-"));
	const open = await startMosquitto(folder, ["allow_anonymous true", "sys_interval 1"]);
	const users = await startMosquitto(folder, mosquittoUsers(folder));
	return {
		port: open.port,
		// Debian's Mosquitto has no WebSocket.
		webSocketPort: 0,
		usersPort: users.port,
		explains: false,
		restartable: () => durable(mkdtempSync(join(folder, "store-"))),
		stop: async () => {
			await Promise.all([open.stop(), users.stop()]);
			rmSync(folder, { recursive: true });
		},
	};
}

async function durable(folder: string): Promise<RestartableTarget> {
	const settings = ["allow_anonymous true", "persistence true", `persistence_location ${folder}/`];
	const start = () => startMosquitto(folder, settings);
	let running = await start();
	return {
		get port() {
			return running.port;
		},
		restart: async () => {
			await running.stop();
			running = await start();
		},
		stop: () => running.stop(),
	};
}

conformanceSuite(chapters, { start: mosquitto, without: ["scram", "websocket", "settings"], known: deviations });
