/** All calls to the server: the admin API, typed by its contract. */

import type { AnswerTo, ErrorAnswer, ErrorCode, RequestName, Requests } from "../../../broker/http/contract";
import type { AjaxFailure } from "./node-red";
import type { Translate } from "./text";

type PathNames<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
	? Name | PathNames<Rest>
	: Path extends `${string}:${infer Name}`
		? Name
		: never;

type Given<Request> = Request extends { query: infer Query }
	? Query
	: Request extends { body: infer Body }
		? Body
		: unknown;

/** What stands in the path, and what goes into the query or the body. */
type ArgumentsOf<Name extends RequestName> = { readonly [Key in PathNames<Name>]: string } & Given<Requests[Name]>;

/** @throws ApiError, whose message is one sentence for people */
export type Call = <Name extends RequestName>(name: Name, args: ArgumentsOf<Name>) => Promise<AnswerTo<Name>>;

/** The requests about one broker, whose id needs not be said each time. */
export type BrokerCall = <Name extends Extract<RequestName, `${string}:broker${string}`>>(
	name: Name,
	args: Omit<ArgumentsOf<Name>, "broker">,
) => Promise<AnswerTo<Name>>;

export class ApiError extends Error {
	/** @param code undefined when the admin API itself did not answer */
	constructor(
		message: string,
		readonly code: ErrorCode | undefined,
	) {
		super(message);
	}
}

/** Milliseconds: a password hash on a small computer takes some. */
const TIMEOUT = 20_000;

export function apiCall(t: Translate): Call {
	return async (name, args) => {
		const [method, template] = name.split(" ") as [string, string];
		const rest: Record<string, unknown> = { ...args };
		const path = template.replace(/:(\w+)/g, (_whole, key: string) => {
			const value = rest[key];
			delete rest[key];
			return encodeURIComponent(String(value));
		});
		const inQuery = method === "GET" || method === "DELETE";
		const query = inQuery ? queryOf(rest) : "";
		const url = `flowbroker${path}${query && `?${query}`}`;
		return (await ask(t, method, url, inQuery ? undefined : rest)) as AnswerTo<typeof name>;
	};
}

/** A request that only Node-RED answers, and no other host of the admin API. @throws ApiError */
export function post(t: Translate, path: string, body: object): Promise<unknown> {
	return ask(t, "POST", `flowbroker${path}`, body);
}

export function onBroker(call: Call, broker: string): BrokerCall {
	return (name, args) => call(name, { ...args, broker } as never);
}

async function ask(t: Translate, method: string, url: string, body: object | undefined): Promise<unknown> {
	try {
		return await $.ajax({
			url,
			method,
			dataType: "json",
			timeout: TIMEOUT,
			...(method !== "GET" && { contentType: "application/json" }),
			...(body && { data: JSON.stringify(body) }),
		});
	} catch (failure) {
		throw errorOf(failure as AjaxFailure, t);
	}
}

/** The sentence of whatever was thrown. */
export function sentenceOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

function queryOf(args: Record<string, unknown>): string {
	const given = Object.entries(args).filter(([, value]) => value !== undefined && value !== null && value !== "");
	return new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
}

function errorOf({ status, responseJSON }: AjaxFailure, t: Translate): ApiError {
	const { error } = (responseJSON ?? {}) as Partial<ErrorAnswer>;
	if (error?.message) return new ApiError(error.message, error.code);
	if (status === 401 || status === 403) return new ApiError(t("error.notAllowed"), undefined);
	return new ApiError(t(status === 0 ? "error.noAnswer" : "error.strange", { status }), undefined);
}
