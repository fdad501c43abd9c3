/** The packages for Redis: not part of this one, and loaded only when a broker is to use Redis. */

import { createRequire } from "node:module";
import { join } from "node:path";
import { FlowbrokerError } from "../errors";

/** Of ioredis, as far as it is used here. */
export interface RedisConnection {
	on(event: string, listener: (...words: never[]) => void): this;
	connect(): Promise<void>;
	quit(): Promise<unknown>;
	disconnect(): void;
	get(key: string): Promise<string | null>;
	set(key: string, value: string): Promise<unknown>;
	hset(key: string, field: string, value: string): Promise<unknown>;
	hdel(key: string, field: string): Promise<unknown>;
	hgetall(key: string): Promise<Record<string, string>>;
	setnx(key: string, value: string): Promise<unknown>;
}

export interface RedisPackages {
	readonly connect: (url: string, options: object) => RedisConnection;
	/** aedes-persistence-redis: makes a persistence of aedes. */
	readonly persistence: (options: object) => object;
	/** mqemitter-redis: makes a message emitter of aedes. */
	readonly emitter: (options: object) => object;
}

const names = ["ioredis", "aedes-persistence-redis", "mqemitter-redis"] as const;
const INSTALL = "npm install aedes-persistence-redis@11.2.2 mqemitter-redis@7.2.1";

/**
 * @param folder where they are looked for too, and in the folders above it
 * @throws FlowbrokerError REDIS_MISSING
 */
export function loadRedisPackages(folder: string | undefined): RedisPackages {
	const [ioredis, persistence, emitter] = names.map((name) => load(name, folder)) as [
		{ default: new (url: string, options: object) => RedisConnection },
		RedisPackages["persistence"],
		RedisPackages["emitter"],
	];
	return { connect: (url, options) => new ioredis.default(url, options), persistence, emitter };
}

function load(name: string, folder: string | undefined): unknown {
	const places = [__filename, ...(folder === undefined ? [] : [join(folder, "index.js")])];
	let cause: unknown;
	for (const place of places) {
		try {
			return createRequire(place)(name);
		} catch (error) {
			cause = error;
		}
	}
	throw new FlowbrokerError(
		"REDIS_MISSING",
		`A store in Redis needs packages that are not installed (${name} was not found). In the folder of your flows run: ${INSTALL}`,
		{ cause },
	);
}
