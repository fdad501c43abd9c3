import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { routes } from "../../../broker/http";
import { type AdminServer, startAdminServer } from "./admin-server";

describe("permission", () => {
	let server: AdminServer;
	let before: string;

	beforeAll(async () => {
		server = await startAdminServer();
		await server.broker.users?.addUser("x", null);
		await server.broker.users?.addGroup("x");
		before = JSON.stringify(server.broker.users?.exportDocument());
	});
	afterAll(async () => {
		await server[Symbol.asyncDispose]();
	});

	const rows = routes.map((route) => ({ ...route, title: `${route.method} ${route.path}` }));
	const filled = (path: string) => path.replace(":broker", "main").replace(/:\w+/, "x");

	test.each(rows)("$title refuses who is not logged in", async ({ method, path }) => {
		expect((await server.call(method, filled(path), { role: "none" })).status).toBe(401);
	});

	test.each(rows.filter(({ method }) => method !== "GET"))("$title refuses who may only read", async (route) => {
		const { status } = await server.call(route.method, filled(route.path), { role: "read", body: {} });
		expect(status).toBe(401);
		expect(JSON.stringify(server.broker.users?.exportDocument())).toBe(before);
	});

	test("what changes nothing is open to who may read, and only that", () => {
		for (const { method, permission } of routes) expect(permission).toBe(method === "GET" ? "read" : "write");
	});

	test("a refusal comes before anything is said about the broker or the request", async () => {
		const unknown = await server.call("POST", "/brokers/nowhere/users", { role: "read", body: "{" });
		expect(unknown).toMatchObject({ status: 401, text: "" });
	});
});
