/**
 * May a web page open a WebSocket here? A browser takes any page's word for where to connect, so a page from elsewhere
 * could use the visitor's browser to reach a broker that is open to that machine only.
 */

import { isLoopbackAddress } from "../access/address";

export interface OriginRules {
	/** Origins that are allowed besides the own host, as browsers write them; `*` is any. */
	readonly origins: readonly string[];
	/** The listener is only reachable from this machine. */
	readonly loopback: boolean;
}

/**
 * @param origin the Origin header; programs that are no browser send none
 * @param host the Host header
 * @returns why not, in words for people; undefined when it may
 */
export function whyNotOrigin(
	origin: string | undefined,
	host: string | undefined,
	rules: OriginRules,
): string | undefined {
	if (origin === undefined || rules.origins.includes("*") || rules.origins.includes(origin)) return undefined;
	const page = hostName(origin);
	const here = host === undefined ? undefined : hostName(`http://${host}`);
	// A name from elsewhere can be made to point to this machine, and then page and host have the same name.
	if (page !== undefined && page === here && (!rules.loopback || isOwnName(here))) return undefined;
	return `came from a web page of ${shorten(origin)}: add that to the listener's origins if the page may connect`;
}

function hostName(url: string): string | undefined {
	return URL.canParse(url) ? new URL(url).hostname || undefined : undefined;
}

function isOwnName(host: string): boolean {
	return host === "localhost" || host.endsWith(".localhost") || isLoopbackAddress(host.replace(/^\[(.*)\]$/, "$1"));
}

function shorten(origin: string): string {
	return JSON.stringify(origin.slice(0, 100));
}
