/** Guards the admin API by one token, where there is no Node-RED login to ask. */

import { createHash, timingSafeEqual } from "node:crypto";
import type { RequestHandler } from "express";
import { FlowbrokerError } from "../errors";
import { sendError } from "./answers";
import type { AdminRouterOptions } from "./router";

const SHORTEST = 16;

/**
 * Who sends `Authorization: Bearer <token>` may do everything, everybody else nothing.
 * @throws FlowbrokerError TOKEN_TOO_SHORT
 */
export function tokenAuthorisation(token: string): AdminRouterOptions["authorise"] {
	if (token.length < SHORTEST) {
		const sentence = `The token of the admin API must have at least ${SHORTEST} characters: a shorter one can be guessed.`;
		throw new FlowbrokerError("TOKEN_TOO_SHORT", sentence);
	}
	const expected = digest(token);
	const guard: RequestHandler = (request, response, next) => {
		const given = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
		if (timingSafeEqual(digest(given), expected)) return next();
		response.setHeader("WWW-Authenticate", "Bearer");
		sendError(
			response,
			"TOKEN_WRONG",
			"The request needs the token of the admin API, as Authorization: Bearer <token>.",
		);
	};
	return () => guard;
}

/** Of the same length for all tokens, so that the comparison takes the same time for all. */
function digest(text: string): Buffer {
	return createHash("sha256").update(text).digest();
}
