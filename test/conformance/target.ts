/** The broker that is judged: one of ours with some engine, or a foreign one. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineFactory } from "../../broker/engine/engine";
import { startBroker } from "../helpers/broker";
import { ownUsers } from "./users";

export interface RestartableTarget {
	/** May change with a restart. */
	readonly port: number;
	/** Stops, and starts with what it has kept. */
	restart(): Promise<void>;
	stop(): Promise<void>;
}

export interface Target {
	/** Anonymous clients may do everything. */
	readonly port: number;
	readonly webSocketPort: number;
	/** Only for those in users.ts. */
	readonly usersPort: number;
	/** Does it send DISCONNECT with the right reason code before it closes? The standard only says that it should. */
	readonly explains: boolean;
	/**
	 * Anonymous too, and durable; the caller stops it.
	 * @param settings of our broker, in place of the usual ones; only for targets that are asked for `settings`
	 */
	restartable(settings?: object): Promise<RestartableTarget>;
	stop(): Promise<void>;
}

const quiet = { sysInterval: 0 } as const;

/** Our broker in this process. */
export async function ourTarget(engine: EngineFactory): Promise<Target> {
	const folder = mkdtempSync(join(tmpdir(), "flowbroker-conformance-"));
	const listeners = [{ port: 0 }, { kind: "ws", port: 0 }];
	const open = await startBroker({ sysInterval: 1, listeners }, { engine });
	const users = await startBroker(
		{ ...quiet, anonymous: false, access: { kind: "users", file: await ownUsers(folder) } },
		{ engine },
	);
	return {
		port: open.port,
		webSocketPort: open.broker.listeners[1]?.port ?? 0,
		usersPort: users.port,
		explains: true,
		restartable: (settings = {}) => durableBroker(engine, mkdtempSync(join(folder, "store-")), settings),
		stop: async () => {
			await Promise.all([open.broker.stop(), users.broker.stop()]);
			rmSync(folder, { recursive: true });
		},
	};
}

async function durableBroker(engine: EngineFactory, folder: string, settings: object): Promise<RestartableTarget> {
	const start = () => startBroker({ ...quiet, store: { kind: "disk", folder }, ...settings }, { engine });
	let running = await start();
	return {
		get port() {
			return running.port;
		},
		restart: async () => {
			await running.broker.stop();
			running = await start();
		},
		stop: () => running.broker.stop(),
	};
}
