import { createCipheriv, createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { readNodeRedCredentials } from "../../runtime/secrets/node-red-credentials";
import { Workshop } from "./flowbroker-process";

const flow = [
	{ id: "tab", type: "tab", label: "Home" },
	{ id: "b", type: "mqtt-broker", name: "Home", broker: "127.0.0.1", port: "1883" },
	{ id: "i", type: "mqtt in", z: "tab", name: "", topic: "a", broker: "b", x: 1, y: 1, wires: [[]] },
	{ id: "lost", type: "mqtt out", z: "tab", name: "Lost", topic: "a", broker: "", x: 1, y: 1, wires: [] },
	{ id: "other", type: "ha-mqtt-switch", z: "tab", server: "b", x: 1, y: 1, wires: [[]] },
];
const password = "not to be shown";

describe("flowbroker convert", () => {
	let workshop: Workshop;
	let at = "";
	let tests = 0;
	beforeAll(() => {
		workshop = new Workshop();
	});
	afterAll(() => workshop.remove());
	beforeEach(() => {
		at = `test-${++tests}`;
		workshop.write(`${at}/flows.json`, flow);
	});
	const path = (name: string) => join(workshop.root, at, name);
	const read = (name: string) => JSON.parse(readFileSync(path(name), "utf8"));

	test("writes the converted flow to a new file and tells what stayed", async () => {
		const { code, stdout, stderr } = await workshop.run(["convert", path("flows.json"), "-o", path("new.json")]);
		expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("Converted 1 node into") });
		expect(stderr).toContain('mqtt out "Lost" (lost): not converted: It has no broker.');
		expect(stderr).toContain('mqtt-broker "Home" (b): note: Other nodes still use it (ha-mqtt-switch)');
		expect(read("new.json")[2]).toMatchObject({ id: "i", type: "flowbroker-in" });
		expect(read("flows.json")).toEqual(flow);
	});

	test("without --output prints the flow and nothing else to the standard output", async () => {
		const { stdout } = await workshop.run(["convert", path("flows.json")]);
		expect(JSON.parse(stdout)).toHaveLength(flow.length + 1);
	});

	test("gives copies of brokers their passwords, encrypted with the same secret, and shows none", async () => {
		const vector = Buffer.alloc(16, 7);
		const cipher = createCipheriv("aes-256-ctr", createHash("sha256").update("the secret").digest(), vector);
		const kept = { b: { user: "flow", password } };
		const sealed = cipher.update(JSON.stringify(kept), "utf8", "base64") + cipher.final("base64");
		workshop.write(`${at}/flows_cred.json`, { $: vector.toString("hex") + sealed });
		const env = { NODE_RED_CREDENTIAL_SECRET: "the secret" };
		const { code, stdout, stderr } = await workshop.run(
			["convert", path("flows.json"), "-o", path("new.json"), "--credentials", path("flows_cred.json")],
			env,
		);
		expect({ code, stderr }).toMatchObject({ code: 0 });
		const copy = read("new.json").at(-1);
		expect(await readNodeRedCredentials(path("new_cred.json"), undefined, env)).toEqual({ ...kept, [copy.id]: kept.b });
		expect(statSync(path("new_cred.json")).mode & 0o777).toBe(0o600);
		const written = readFileSync(path("new.json"), "utf8") + readFileSync(path("new_cred.json"), "utf8");
		expect(`${stdout}${stderr}${written}`).not.toContain(password);
	});

	test("never overwrites a file, and writes nothing where there is nothing to convert", async () => {
		workshop.write(`${at}/new.json`, "mine");
		const refused = await workshop.run(["convert", path("flows.json"), "-o", path("new.json")]);
		expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("is there already") });
		expect(readFileSync(path("new.json"), "utf8")).toBe("mine");
		workshop.write(`${at}/flows.json`, [flow[0]]);
		const nothing = await workshop.run(["convert", path("flows.json"), "-o", path("other.json")]);
		expect(nothing).toMatchObject({ code: 1, stderr: expect.stringContaining("no node") });
		expect(existsSync(path("other.json"))).toBe(false);
	});

	test("a broken file is told with the place of the mistake", async () => {
		workshop.write(`${at}/flows.json`, '[{"id": "a", }]');
		const { code, stderr } = await workshop.run(["convert", path("flows.json")]);
		expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("line 1") });
	});
});
