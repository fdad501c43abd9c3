/** Lets the config node's half try a connection to another broker, with the settings in an open form. */

import type { NodeAPI } from "node-red";
import {
	type AnswerConnectionTest,
	CONNECTION_TEST_EVENT,
	type ConnectionTestRequest,
	type ConnectionTestResult,
	FlowbrokerError,
} from "../../broker";
import type { AdminRequest, Route } from "../../broker/http";

export function connectionTestRoute({ events }: Pick<NodeAPI, "events">): Route {
	return {
		method: "POST",
		path: "/test-connection",
		permission: "write",
		handler: ({ args }) => {
			const request = parseRequest(args);
			return new Promise<ConnectionTestResult>((resolve) => {
				const answer: AnswerConnectionTest = resolve;
				if (events.emit(CONNECTION_TEST_EVENT, request, answer)) return;
				const sentence = "The node flowbroker-broker is not loaded: the log of Node-RED tells why.";
				resolve(Promise.reject(new FlowbrokerError("NODES_NOT_LOADED", sentence)));
			});
		},
	};
}

/** An error must not quote the password. @throws FlowbrokerError REQUEST_INVALID */
function parseRequest({ id, properties, login }: AdminRequest["args"]): ConnectionTestRequest {
	const { user, password } = (isRecord(login) ? login : {}) as { readonly user?: unknown; readonly password?: unknown };
	if (typeof id !== "string" || !isRecord(properties)) throw invalid("id and properties are needed");
	if (!isTextOrAbsent(user) || !isTextOrAbsent(password)) throw invalid("user and password must be texts");
	return {
		id,
		properties,
		login: { ...(user !== undefined && { user }), ...(password !== undefined && { password }) },
	};
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTextOrAbsent(value: unknown): value is string | undefined {
	return value === undefined || typeof value === "string";
}

function invalid(problem: string): FlowbrokerError {
	return new FlowbrokerError("REQUEST_INVALID", `The connection can't be tested: ${problem}.`);
}
