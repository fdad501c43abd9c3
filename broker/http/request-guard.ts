/** Refuses requests that a page of another site may have made in the name of a person who is logged in here. */

import type { RequestHandler } from "express";
import { FlowbrokerError } from "../errors";

/**
 * Browsers say where a request comes from, and no page can make them lie about these two headers. Programs say nothing,
 * and pass. X-Forwarded-Host does not count: where a host allows other sites to ask, as Node-RED 4 does, they can set it.
 */
export const refuseCrossSite: RequestHandler = (request, _response, next) => {
	const { origin, host } = request.headers;
	// Browsers send it over https and to this machine only.
	const site = request.headers["sec-fetch-site"];
	const foreign = site === "cross-site" || (site !== "same-origin" && origin !== undefined && !isOf(host, origin));
	if (!foreign) return next();
	const sentence =
		"The request seems to come from a page of another site, which may not do this. If there is a proxy before Node-RED, let it pass the Host header on.";
	next(new FlowbrokerError("REQUEST_CROSS_SITE", sentence));
};

/** A form of another site can send everything but JSON. */
export const requireJson: RequestHandler = (request, _response, next) => {
	const type = (request.headers["content-type"] ?? "").split(";", 1)[0] ?? "";
	if (request.method === "GET" || type.trim().toLowerCase() === "application/json") return next();
	next(new FlowbrokerError("REQUEST_NOT_JSON", "The request must have the Content-Type application/json."));
};

/** For a host whose own parser has read the body already, with a limit of its own. @param most bytes */
export function limitLength(most: number): RequestHandler {
	return (request, _response, next) => {
		if (Number(request.headers["content-length"] ?? 0) <= most) return next();
		next(new FlowbrokerError("REQUEST_TOO_LARGE", `The request is longer than ${most} bytes.`));
	};
}

/** `null` as origin is that of a sandboxed page, and of no host. */
function isOf(host: string | undefined, origin: string): boolean {
	try {
		const url = new URL(origin);
		return host !== undefined && url.host === new URL(`${url.protocol}//${host}`).host;
	} catch {
		return false;
	}
}
