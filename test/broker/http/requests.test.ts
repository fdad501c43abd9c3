import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { errorTable } from "../../../broker";
import { tokenAuthorisation } from "../../../broker/http";
import { type AdminServer, startAdminServer } from "./admin-server";

describe("requests", () => {
	let server: AdminServer;

	beforeAll(async () => {
		server = await startAdminServer();
	});
	afterAll(async () => {
		await server[Symbol.asyncDispose]();
	});

	/** fetch does not let one set these headers. */
	function send(method: string, path: string, headers: Record<string, string>): Promise<number> {
		return new Promise((resolve, reject) => {
			const url = new URL(`${server.base}/brokers/main${path}`);
			request(url, { method, headers: { "X-Role": "write", ...headers } }, (response) => {
				response.resume();
				resolve(response.statusCode ?? 0);
			})
				.on("error", reject)
				.end(method === "GET" || method === "DELETE" ? undefined : "{}");
		});
	}
	const json = { "Content-Type": "application/json" };
	const host = () => new URL(server.base).host;

	test.each([
		["from another origin", { Origin: "https://evil.example" }],
		["from a sandboxed page", { Origin: "null" }],
		["that the browser calls cross-site", { "Sec-Fetch-Site": "cross-site" }],
		["from another port of this machine", { Origin: "http://127.0.0.1:1" }],
		[
			"from another origin with a forged forwarding host",
			{ Origin: "https://evil.example", "X-Forwarded-Host": "evil.example" },
		],
	])("refuses a request %s", async (_title, headers) => {
		expect(await send("PATCH", "/defaults", { ...json, ...headers })).toBe(403);
		expect(await send("GET", "/users", headers as Record<string, string>)).toBe(403);
	});

	test("takes a request of its own page and of a program", async () => {
		expect(await send("PATCH", "/defaults", { ...json, Origin: `http://${host()}` })).toBe(200);
		expect(await send("PATCH", "/defaults", json)).toBe(200);
	});

	test("takes the browser's word for a page behind a proxy that changes the host", async () => {
		const headers = { ...json, Origin: "https://home.example", "Sec-Fetch-Site": "same-origin" };
		expect(await send("PATCH", "/defaults", headers)).toBe(200);
	});

	test.each(["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""])(
		"refuses a change sent as %p",
		async (type) => {
			expect(await send("POST", "/users", type === "" ? {} : { "Content-Type": type })).toBe(415);
			expect(await send("DELETE", "/users/x", type === "" ? {} : { "Content-Type": type })).toBe(415);
		},
	);

	test.each([
		["an unknown broker", "GET", "/brokers/nowhere/users", undefined, "BROKER_UNKNOWN"],
		["a broker that does not run", "GET", "/brokers/stopped/users", undefined, "BROKER_STOPPED"],
		["an unknown address", "GET", "/nothing", undefined, "ROUTE_UNKNOWN"],
		["an unknown user", "GET", "/users/nobody", undefined, "USER_UNKNOWN"],
		["an unknown client", "DELETE", "/client?id=nobody", undefined, "CLIENT_UNKNOWN"],
		["a damaged address", "GET", "/users/%E0%A4%A", undefined, "REQUEST_INVALID"],
		["damaged JSON", "POST", "/users", '{"name":', "REQUEST_INVALID"],
		["JSON that is no object", "POST", "/users", [], "REQUEST_INVALID"],
		["a name beside the one in the address", "PATCH", "/users/a", { name: "b" }, "REQUEST_INVALID"],
		["a misspelt argument", "POST", "/bans", { clientID: "a", seconds: 1 }, "ARGUMENT_INVALID"],
		["an argument given twice", "GET", "/clients?limit=1&limit=2", undefined, "ARGUMENT_INVALID"],
		["a page that is too long", "GET", "/clients?limit=1001", undefined, "ARGUMENT_INVALID"],
		["no password at all", "PUT", "/users/a/password", {}, "ARGUMENT_INVALID"],
		["an empty password", "POST", "/users", { name: "a", password: "" }, "PASSWORD_EMPTY"],
		["an empty user name", "POST", "/users", { name: "", password: "b" }, "ARGUMENT_INVALID"],
		["a user name of blanks", "POST", "/users", { name: "  ", password: "b" }, "USER_INVALID"],
		[
			"a wrong filter in a rule",
			"POST",
			"/anonymous/rules",
			{ effect: "allow", action: "all", filter: "a#" },
			"RULE_INVALID",
		],
		["a rule with two owners", "POST", "/anonymous/rules", { user: "a" }, "ARGUMENT_INVALID"],
		["a wrong default", "PATCH", "/defaults", { publish: "perhaps" }, "ACCESS_INVALID"],
		["a wrong filter", "GET", "/retained?filter=a%23", undefined, "FILTER_INVALID"],
		["retained messages without filter", "DELETE", "/retained", undefined, "ARGUMENT_INVALID"],
		["a body that is too long", "POST", "/users", { name: "x".repeat(5_000_000) }, "REQUEST_TOO_LARGE"],
	] as const)("answers %s with its code, status and a sentence", async (_title, method, path, body, code) => {
		const answer = await server.call(method, path, { body });
		expect(answer.body).toEqual({ error: { code, message: expect.stringMatching(/^.{10,}\.$/s) } });
		expect(answer.status).toBe(errorTable[code].http);
		expect(server.broker.users?.users()).toEqual([]);
	});

	test("tells nothing of a fault but that there was one, and gives it to the log", async () => {
		const { bans } = server.broker;
		const fault = new Error("the inside is broken");
		bans.list = () => {
			throw fault;
		};
		const answer = await server.call("GET", "/bans");
		Reflect.deleteProperty(bans, "list");
		expect(answer).toMatchObject({ status: 500, body: { error: { code: "INTERNAL_FAULT" } } });
		expect(answer.text).not.toMatch(/inside is broken|at .*\.ts/);
		expect(server.faults).toEqual([fault]);
	});
});

describe("the token", () => {
	const token = "a-token-of-some-length";

	test("is needed for everything, and enough for everything", async () => {
		await using server = await startAdminServer({}, tokenAuthorisation(token));
		const users = (headers: Record<string, string>) => server.call("GET", "/users", { headers });
		expect(await users({})).toMatchObject({ status: 401, body: { error: { code: "TOKEN_WRONG" } } });
		for (const wrong of ["", "x", `${token}x`, token.slice(1), token.toUpperCase()]) {
			expect((await users({ Authorization: `Bearer ${wrong}` })).status).toBe(401);
		}
		expect((await users({ Authorization: `Basic ${token}` })).status).toBe(401);
		expect((await users({ Authorization: `Bearer ${token}` })).status).toBe(200);
		const change = { headers: { Authorization: `Bearer ${token}` }, body: {} };
		expect((await server.call("PATCH", "/defaults", change)).status).toBe(200);
	});

	test("that could be guessed is refused at once", () => {
		expect(() => tokenAuthorisation("x".repeat(15))).toThrow(expect.objectContaining({ code: "TOKEN_TOO_SHORT" }));
	});
});
