/** Makes the admin API: an Express router that can be mounted anywhere. */

import express, { type NextFunction, type Request, type RequestHandler, type Response, type Router } from "express";
import type { Arguments } from "../admin/arguments";
import { TestSubscriptions } from "../admin/test-subscriptions";
import { TopicTree } from "../admin/topic-tree";
import { FlowbrokerError } from "../errors";
import type { AdminBroker } from "./admin-broker";
import { answerErrors } from "./answers";
import { PerBroker } from "./lasting";
import { limitLength, refuseCrossSite, requireJson } from "./request-guard";
import { type Permission, type Route, routes } from "./routes";

export interface AdminRouterOptions {
	/** Asked at every request: brokers come and go. */
	readonly brokers: () => Iterable<AdminBroker>;
	/** Lets a request pass, or answers 401 or 403 itself. */
	readonly authorise: (permission: Permission) => RequestHandler;
	/** Requests that only this host answers. They have the same guards. */
	readonly more?: readonly Route[];
	/** Told of errors that nobody meant to happen, for the log. */
	readonly onFault: (error: unknown) => void;
}

/** Bytes of a request: room for Mosquitto's files with some ten thousand users. */
const LARGEST_BODY = 4 * 1_024 * 1_024;

export function createAdminRouter({ brokers, authorise, more = [], onFault }: AdminRouterOptions): Router {
	const router = express.Router();
	const topics = new PerBroker((broker) => new TopicTree(broker));
	const tests = new PerBroker((broker) => new TestSubscriptions(broker));
	const parse = [requireJson, limitLength(LARGEST_BODY), express.json({ limit: LARGEST_BODY })];
	router.use(neverStore, refuseCrossSite);
	for (const route of [...routes, ...more]) {
		const method = route.method.toLowerCase() as Lowercase<Route["method"]>;
		router[method](route.path, authorise(route.permission), ...parse, async (request, response) => {
			const answer = await route.handler({
				brokers: brokers(),
				broker: request.params.broker,
				topics,
				tests,
				args: argumentsOf(request),
			});
			response.json(answer);
		});
	}
	router.use((_request, _response, next) => {
		next(new FlowbrokerError("ROUTE_UNKNOWN", "The admin API has nothing at this address."));
	});
	router.use(answerErrors(onFault));
	return router;
}

/** What stands in the path can't be said once more, and differently, beside it. */
function argumentsOf({ method, query, body, params }: Request): Arguments {
	const { broker: _broker, ...path } = params;
	const given: object = method === "GET" || method === "DELETE" ? query : bodyOf(body);
	const twice = Object.keys(path).find((name) => Object.hasOwn(given, name));
	if (twice) throw new FlowbrokerError("REQUEST_INVALID", `${twice} stands in the address already: leave it out here.`);
	return { ...given, ...path };
}

function bodyOf(body: unknown): object {
	if (body === undefined || body === null) return {};
	if (typeof body === "object" && !Array.isArray(body)) return body;
	throw new FlowbrokerError("REQUEST_INVALID", "The request must be a JSON object.");
}

function neverStore(_request: Request, response: Response, next: NextFunction): void {
	response.setHeader("Cache-Control", "no-store");
	next();
}
