import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import mqtt from "mqtt";
import { type FlowbrokerProcess, Workshop } from "./flowbroker-process";

const token = "a token of enough characters";
const tab = { id: "t", type: "tab" };
const broker = { id: "b", type: "flowbroker-broker", port: "$" + "{FLOWBROKER_PORT}" };
const clumsy = (name: string, how = "") => ({ id: "x", type: "clumsy", z: "t", name, how });

let workshop: Workshop;

beforeAll(async () => {
	workshop = new Workshop();
	for (const name of ["token", "other"]) {
		const text = name === "token" ? token : "another token of that length";
		writeFileSync(join(workshop.cwd, name), text, { mode: 0o600 });
	}
	workshop.write("cwd/new.json", [tab, broker, clumsy("new")]);
	const made = await workshop.run(["certs", "create", "--host", "localhost", "127.0.0.1", "--out", "certs"]);
	expect(made.code).toBe(0);
});

afterAll(() => workshop.remove());

interface House {
	readonly command: FlowbrokerProcess;
	readonly url: string;
	/** What stands in its flow file. */
	flow(): unknown;
	/** @returns what it printed */
	stop(): Promise<string>;
}

async function house(name: string, ...words: string[]): Promise<House> {
	workshop.installClumsy(`cwd/${name}`);
	const file = `${name}/flow.json`;
	workshop.write(`cwd/${file}`, [tab, broker, clumsy("old")]);
	const command = workshop.startReal(
		["run", file, "--data", name, "--port", "0", "--http", "0", "--token-file", "token", "--rollback", "1", ...words],
		{ FLOWBROKER_TOKEN: "" },
	);
	await command.sees("is running");
	return {
		command,
		url: /HTTP on (\S+)/.exec(command.stdout)?.[1] ?? "",
		flow: () => JSON.parse(readFileSync(join(workshop.cwd, file), "utf8")),
		stop: async () => {
			const { code, stdout } = await command.stop();
			expect(code).toBe(0);
			return stdout;
		},
	};
}

const deploy = (...words: string[]) => workshop.run(["deploy", ...words], { FLOWBROKER_TOKEN: "" });

describe("flowbroker deploy", () => {
	test("runs a flow on several machines by https, while clients of their brokers stay connected", async () => {
		const tls = ["--allow-deploy", "--http-cert", "certs/server.pem", "--http-key", "certs/server-key.pem"];
		const houses = await Promise.all([house("north", ...tls), house("south", ...tls, "--watch")]);
		const port = /MQTT on 127\.0\.0\.1:(\d+)/.exec(houses[0]?.command.stdout ?? "")?.[1];
		const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
		let closed = 0;
		client.on("close", () => closed++);
		const to = houses.map(({ url }) => url).join(",");
		expect(to).toMatch(/^https:.*,https:/);
		const { code, stdout } = await deploy("new.json", "--to", to, "--token-file", "token", "--ca", "certs/ca.pem");
		expect(stdout).toMatch(/^https:\S+ +deployed\nhttps:\S+ +deployed\n2 of 2 targets\n$/m);
		expect(code).toBe(0);
		for (const { command, flow } of houses) {
			await command.sees("clumsy made: new");
			expect(flow()).toEqual([tab, broker, clumsy("new")]);
		}
		expect(closed).toBe(0);
		await client.endAsync();
		await Promise.all(houses.map(({ stop }) => stop()));
	});

	test("gives the old flow back where the new one fails, and says why", async () => {
		const south = await house("failing", "--allow-deploy", "--rollback", "60");
		workshop.write("cwd/bad.json", [tab, broker, clumsy("bad", "timer")]);
		const { code, stdout } = await deploy("bad.json", "--to", south.url, "--token-file", "token");
		expect(stdout).toMatch(/ failed\n/);
		expect(stdout).toContain("what ran before runs again: The node clumsy (x) failed");
		expect(code).toBe(1);
		expect(south.flow()).toEqual([tab, broker, clumsy("old")]);
		expect((await south.stop()).match(/clumsy made: \w+/g)).toEqual([
			"clumsy made: old",
			"clumsy made: bad",
			"clumsy made: old",
		]);
	});

	test("changes nothing anywhere when one target can't take it, unless --partial", async () => {
		const [open, closed] = await Promise.all([house("open", "--allow-deploy"), house("closed")]);
		const words = ["new.json", "--to", `${open.url},${closed.url}`, "--token-file", "token"];
		const whole = await deploy(...words);
		expect(whole.stdout).toMatch(/ skipped\n.* failed\n/);
		expect(whole.stdout).toContain("start the runtime with --allow-deploy");
		expect([whole.code, open.flow()]).toEqual([1, [tab, broker, clumsy("old")]]);
		const part = await deploy(...words, "--partial", "--format", "json");
		expect(JSON.parse(part.stdout)).toMatchObject([{ result: "deployed" }, { result: "failed" }]);
		expect([part.code, open.flow()]).toEqual([1, [tab, broker, clumsy("new")]]);
		await Promise.all([open.stop(), closed.stop()]);
	});

	test("only checks with --check, and tells what the target finds", async () => {
		const target = await house("checked", "--allow-deploy");
		workshop.write("cwd/unknown.json", [tab, { id: "u", type: "no such", z: "t" }]);
		const list = `# all houses\n\n${target.url} token # ours\n`;
		workshop.write("cwd/houses.txt", list);
		const fine = await deploy("new.json", "--to-file", "houses.txt", "--check");
		expect([fine.code, fine.stdout]).toEqual([0, expect.stringContaining(" fine\n")]);
		expect(target.flow()).toEqual([tab, broker, clumsy("old")]);
		const refused = await deploy("unknown.json", "--to-file", "houses.txt");
		expect(refused.stdout).toContain('unknown.json: the node type "no such" is not installed');
		expect(refused.code).toBe(2);
		await target.stop();
	});

	test("sends nothing to who has another token, or another certificate than is trusted", async () => {
		const plain = await house("guarded", "--allow-deploy");
		const other = await deploy("new.json", "--to", plain.url, "--token-file", "other");
		expect([other.code, other.stdout]).toEqual([1, expect.stringContaining("needs the token")]);
		await plain.stop();
		const tls = await house(
			"tls",
			"--allow-deploy",
			"--http-cert",
			"certs/server.pem",
			"--http-key",
			"certs/server-key.pem",
		);
		const untrusted = await deploy("new.json", "--to", tls.url, "--token-file", "token");
		expect([untrusted.code, untrusted.stdout]).toEqual([1, expect.stringContaining("Name the CA with --ca FILE")]);
		expect(tls.flow()).toEqual([tab, broker, clumsy("old")]);
		await tls.stop();
	});

	test.each<[string, string[], string]>([
		["without a target", ["new.json"], "Say where to"],
		["to an address that is none", ["new.json", "--to", "pi"], "pi is no address of a runtime"],
		["over a network without https", ["new.json", "--to", "http://pi:1880"], "everybody on the way can read the token"],
		["without a token", ["new.json", "--to", "https://pi:1880"], "wants a token"],
		[
			"with the token as a word",
			["new.json", "--to", "https://pi", "--token", "x"],
			"must not stand on the command line",
		],
		[
			"of a damaged file",
			["damaged.json", "--to", "https://pi", "--token-file", "token"],
			"damaged.json is incomplete",
		],
		["twice to one address", ["new.json", "--to", "https://pi,https://pi/", "--token-file", "token"], "is named twice"],
		["with a list that is not there", ["new.json", "--to-file", "nowhere"], "The list nowhere can't be read"],
	])("refuses %s before it sends anything", async (_what, words, sentence) => {
		workshop.write("cwd/damaged.json", "[{");
		const { code, stderr } = await deploy(...words);
		expect(stderr).toContain(sentence);
		expect(code).toBe(2);
	});

	test("says that nothing listens there", async () => {
		const { code, stdout } = await deploy("new.json", "--to", "http://127.0.0.1:1", "--token-file", "token");
		expect(stdout).toContain("nothing listens there");
		expect(code).toBe(1);
	});
});

describe("flowbroker run --allow-deploy", () => {
	test.each<[string, string[]]>([
		["add --http PORT", ["--data", "d"]],
		["add --data DIR", ["--http", "0", "--token-file", "token"]],
		["works with one flow file", ["new.json", "--data", "d", "--http", "0", "--token-file", "token"]],
	])("says: %s", async (sentence, words) => {
		workshop.write("cwd/one.json", [tab]);
		const { code, stderr } = await workshop.run(["run", "one.json", "--allow-deploy", ...words]);
		expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)]);
	});

	test("answers requests that are no deployments with what is wrong, and pages of other sites not at all", async () => {
		const target = await house("asked", "--allow-deploy");
		const ask = async (body: unknown, headers: Record<string, string> = {}) => {
			const all = { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers };
			const answer = await fetch(`${target.url}/deploy`, { method: "POST", headers: all, body: JSON.stringify(body) });
			return [answer.status, ((await answer.json()) as { error?: { code: string } }).error?.code];
		};
		expect(await ask({})).toEqual([400, "REQUEST_INVALID"]);
		expect(await ask({ files: [{ name: 1 }], checkOnly: true })).toEqual([400, "REQUEST_INVALID"]);
		expect(await ask({}, { authorization: "" })).toEqual([401, "TOKEN_WRONG"]);
		expect(await ask({}, { origin: "https://elsewhere.example" })).toEqual([403, "REQUEST_CROSS_SITE"]);
		expect(await ask({}, { "content-type": "text/plain" })).toEqual([415, "REQUEST_NOT_JSON"]);
		await target.stop();
	});
});
