import { describe, expect, test } from "@jest/globals";
import { type AdminServer, startAdminServer } from "./admin-server";

const rule = (action: string, filter: string) => ({ effect: "allow", action, filter, priority: 0 });

async function withUser(rules: unknown[]): Promise<AdminServer> {
	const server = await startAdminServer();
	await server.call("POST", "/users", { body: { name: "ann", generate: true, rules } });
	return server;
}

describe("a test subscription", () => {
	test("gets what its user may receive, with what MQTT 5 adds to it", async () => {
		await using server = await withUser([rule("all", "home/#")]);
		const { id } = (await server.call("POST", "/tests", { body: { filter: "home/+", qos: 1, user: "ann" } })).body;
		const properties = {
			contentType: "text/plain",
			responseTopic: "answers",
			correlationData: "42",
			messageExpiryInterval: 60,
			userProperties: [
				["unit", "°C"],
				["unit", "K"],
			],
		};
		const published = await server.call("POST", "/publish", {
			body: { topic: "home/x", payload: "21", qos: 2, properties },
		});
		expect(published.body).toEqual({ published: "home/x" });
		const { body } = await server.call("GET", `/tests/${id}?after=0`);
		expect(body).toMatchObject({
			total: 1,
			messages: [
				{
					number: 1,
					topic: "home/x",
					payload: "21",
					qos: 1,
					retain: false,
					properties: { ...properties, correlationData: { text: "42" } },
				},
			],
		});
		expect((await server.call("GET", `/tests/${id}?after=1`)).body).toEqual({ total: 1, messages: [] });
		await server.call("DELETE", `/tests/${id}`);
		expect(await server.call("GET", `/tests/${id}`)).toMatchObject({ status: 404 });
	});

	test("is refused with the rule that decides, and leaves nothing behind", async () => {
		await using server = await withUser([]);
		for (let times = 0; times < 30; times++) {
			const { status, body } = await server.call("POST", "/tests", { body: { filter: "secret", user: "ann" } });
			expect({ status, code: body.error.code }).toEqual({ status: 403, code: "NOT_ALLOWED" });
		}
	});

	test("of which there are only so many, keeps only the last messages", async () => {
		await using server = await startAdminServer();
		const add = () => server.call("POST", "/tests", { body: { filter: "#" } });
		const { id } = (await add()).body;
		for (let more = 1; more < 20; more++) expect((await add()).status).toBe(200);
		expect((await add()).body.error.code).toBe("TESTS_FULL");
		const local = server.broker.localClient("test");
		await Promise.all(
			Array.from({ length: 500 }, (_each, at) => {
				const message = { topic: `t/${at}`, payload: Buffer.from("x"), qos: 0 as const, retain: false };
				return new Promise<void>((resolve) => local.publish(message, () => resolve()));
			}),
		);
		const { body } = await server.call("GET", `/tests/${id}`);
		expect(body.total).toBe(500);
		expect(body.messages).toHaveLength(200);
		expect(body.messages.at(-1).topic).toBe("t/499");
	});

	test("takes no properties of another form", async () => {
		await using server = await startAdminServer();
		const wrong = [
			{ colour: "red" },
			{ userProperties: { unit: "K" } },
			{ responseTopic: "a/+" },
			{ messageExpiryInterval: -1 },
			[],
		];
		for (const properties of wrong) {
			const { status } = await server.call("POST", "/publish", { body: { topic: "a", properties } });
			expect({ properties, status }).toEqual({ properties, status: 400 });
		}
	});
});

test("topics are completed by those in use, those that begin with what was typed first", async () => {
	await using server = await startAdminServer();
	const local = server.broker.localClient("test");
	for (const topic of ["home/light", "light/home", "other"]) {
		local.publish({ topic, payload: Buffer.from("x"), qos: 0, retain: true });
	}
	expect((await server.call("GET", "/topic-names?part=light")).body).toEqual(["light/home", "home/light"]);
	expect((await server.call("GET", "/topic-names?limit=1")).body).toHaveLength(1);
});
