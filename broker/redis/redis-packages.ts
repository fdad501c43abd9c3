/** The package for Redis: not part of this one, and loaded only when a broker is to use Redis. */

import { createRequire } from "node:module";
import { join } from "node:path";
import { FlowbrokerError } from "../errors";

/** Of ioredis, as far as it is used here. */
export interface RedisConnection {
	on(event: string, listener: (...words: never[]) => void): this;
	connect(): Promise<void>;
	disconnect(): void;
	get(key: string): Promise<string | null>;
	setnx(key: string, value: string): Promise<unknown>;
	subscribe(channel: string): Promise<unknown>;
	script(word: "LOAD", text: string): Promise<unknown>;
	evalshaBuffer(hash: string, keys: 0, ...words: (string | number | Buffer)[]): Promise<unknown>;
	evalBuffer(text: string, keys: 0, ...words: (string | number | Buffer)[]): Promise<unknown>;
}

type Connect = (url: string, options: object) => RedisConnection;

const NAME = "ioredis";
const INSTALL = "npm install ioredis@5.11.1";

/**
 * @param folder where it is looked for too, and in the folders above it
 * @throws FlowbrokerError REDIS_MISSING
 */
export function loadRedis(folder: string | undefined): Connect {
	const places = [__filename, ...(folder === undefined ? [] : [join(folder, "index.js")])];
	let cause: unknown;
	for (const place of places) {
		try {
			const { default: Redis } = createRequire(place)(NAME) as {
				default: new (...words: unknown[]) => RedisConnection;
			};
			return (url, options) => new Redis(url, options);
		} catch (error) {
			cause = error;
		}
	}
	throw new FlowbrokerError(
		"REDIS_MISSING",
		`A store in Redis needs a package that is not installed (${NAME} was not found). In the folder of your flows run: ${INSTALL}`,
		{ cause },
	);
}
