/** The one place that turns an error into an answer. */

import type { ErrorRequestHandler, Response } from "express";
import { errorTable, FlowbrokerError } from "../errors";
import type { ErrorAnswer } from "./contract";

/** @param onFault told of errors that nobody meant to happen, for the log */
export function answerErrors(onFault: (error: unknown) => void): ErrorRequestHandler {
	// Express knows a handler of errors by its four parameters.
	return (error: unknown, _request, response, next) => {
		if (response.headersSent) return next(error);
		const { code, message } = toldError(error);
		if (code === "INTERNAL_FAULT") onFault(error);
		sendError(response, code, message);
	};
}

export function sendError(response: Response, code: FlowbrokerError["code"], message: string): void {
	const answer: ErrorAnswer = { error: { code, message } };
	response.status(errorTable[code].http).json(answer);
}

function toldError(error: unknown): Pick<FlowbrokerError, "code" | "message"> {
	if (error instanceof FlowbrokerError) return error;
	const { type, status } = (typeof error === "object" && error !== null ? error : {}) as Record<string, unknown>;
	if (type === "entity.too.large") return { code: "REQUEST_TOO_LARGE", message: "The request is too long." };
	// What Express says may quote the request, and with it a password.
	if (typeof status === "number" && status >= 400 && status < 500) {
		return { code: "REQUEST_INVALID", message: "The request can't be read: its address or its JSON is damaged." };
	}
	return { code: "INTERNAL_FAULT", message: "Something went wrong inside. The log has the details." };
}
