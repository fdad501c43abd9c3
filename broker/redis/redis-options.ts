/** Where several processes keep what they share. */

import { invalid, text } from "../parse";

export interface RedisOptions {
	readonly kind: "redis";
	/** `redis://` or, over TLS, `rediss://`, as in `rediss://user:password@redis.example:6380/0`. Each broker has a database of its own. */
	readonly url: string;
	/** A folder from which the packages for Redis are found too, beside this one. */
	readonly modules?: string;
	/** PEM text of the CA of the server's certificate, where the system does not know it. */
	readonly ca?: string;
}

/** @param given an object whose keys are known. @throws FlowbrokerError OPTION_INVALID */
export function parseRedis(given: Record<string, unknown>): RedisOptions {
	const url = text(given.url, "store.url");
	if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
		// Not quoted: it may hold a password.
		throw invalid("store.url", "must be an address such as redis://127.0.0.1:6379/0 or rediss://redis.example:6380/0");
	}
	return {
		kind: "redis",
		url,
		...(given.modules !== undefined && { modules: text(given.modules, "store.modules") }),
		...(given.ca !== undefined && { ca: text(given.ca, "store.ca") }),
	};
}
