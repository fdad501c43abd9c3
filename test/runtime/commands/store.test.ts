import { existsSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { DiskStore } from "../../../broker/store/disk";
import { ownSession } from "../../../broker/store/store";
import { entry, limits, message, subscription, Told } from "../../broker/store/samples";
import { connect } from "../../helpers/mqtt-client";
import { type Outcome, Workshop } from "../flowbroker-process";

const BRIDGE = ownSession("bridge/1");
const EXPIRES = Date.UTC(2090, 0, 1);

describe("flowbroker store", () => {
	let workshop: Workshop;
	/** Of one test. */
	let root: string;
	let data: string;
	let folder: string;

	beforeAll(() => {
		workshop = new Workshop();
	});
	beforeEach(async () => {
		root = await mkdtemp(join(workshop.root, "test-"));
		data = join(root, "data");
		folder = join(data, "flowbroker/home/store");
		await mkdir(folder, { recursive: true });
	});
	afterAll(() => workshop.remove());

	const run = (words: string, input = "") => workshop.run(["store", ...words.split(" ")], {}, input);
	const opened = async (path = folder): Promise<DiskStore> => {
		const store = new DiskStore(limits(), new Told(), { folder: path, durability: "interval" });
		await store.open();
		return store;
	};

	/** Something of every kind. */
	async function filled(): Promise<void> {
		const store = await opened();
		const properties = {
			contentType: "a/b",
			correlationData: Buffer.from([0, 255]),
			userProperties: { a: ["1", "2"] },
		};
		store.retain(message("home/ünicode", "ä\n", { retain: true, properties, expiresAt: EXPIRES }));
		store.retain(message("home/bytes", "", { payload: Buffer.from([0xff, 0xfe]), qos: 2 }));
		store.keepSession("lamp", "ann", 600);
		store.subscribe("lamp", [subscription("home/#", { qos: 2, identifier: 9 })]);
		for (const key of ["1", "2"]) store.enqueue("lamp", entry(key, { qos: 2 }));
		store.sent("lamp", "1", 5);
		store.released("lamp", 5);
		store.receive("lamp", 77, 100);
		store.keepSession("door", null, 600);
		store.leaveSession("door");
		store.keepSession(BRIDGE, null, 600);
		store.enqueue(BRIDGE, entry("3", { qos: 2 }));
		store.receive(BRIDGE, 9, 100);
		store.keepWill("lamp", { ...message("will", "bye"), delay: 30, user: "ann" });
		await store.close();
	}

	/** All that a store says, without what depends on the time. */
	async function content(path: string): Promise<unknown> {
		const store = await opened(path);
		const all = {
			retained: store.retained(["#"]),
			subscriptions: store.subscriptions("lamp"),
			users: [store.sessionUser("lamp"), store.sessionUser("door")],
			queue: store.queue("lamp"),
			received: [store.hasReceived("lamp", 77), store.hasReceived(BRIDGE, 9)],
			crossing: store.queue(BRIDGE),
			wills: store.leftWills().map(({ will }) => will),
		};
		await store.close();
		return all;
	}

	test("check tells what is in a store, found below the data folder, and leaves it as it is", async () => {
		await filled();
		const before = await readdir(folder);
		const { code, stdout } = await run(`check ${data}`);
		expect(code).toBe(0);
		expect(stdout).toContain("2 retained messages");
		expect(stdout).toContain("2 sessions with 1 subscription");
		expect(stdout).toContain("2 messages waiting for clients");
		expect(stdout).toContain("1 message waiting to cross 1 bridge");
		expect(stdout).toContain("1 will");
		expect(stdout).toContain("Everything can be read.");
		expect(await readdir(folder)).toEqual(before);
		const json = await run(`check ${folder} --format json`);
		expect(JSON.parse(json.stdout)).toMatchObject({
			version: 2,
			isWhole: true,
			sessions: 2,
			retained: { messages: 2 },
			bridges: { count: 1, messages: 1 },
		});
	});

	test("check exits with 1 and names the file when a part is damaged", async () => {
		await filled();
		const [journal] = (await readdir(folder)).filter((name) => name.endsWith(".journal2"));
		const bytes = await readFile(join(folder, journal as string));
		bytes[bytes.indexOf("ünicode")] = 0;
		await writeFile(join(folder, journal as string), bytes);
		const { code, stdout } = await run(`check ${data}`);
		expect(code).toBe(1);
		expect(stdout).toMatch(new RegExp(`${journal}: .* DAMAGED`));
		expect(await readdir(folder)).toContain(journal);
	});

	test("check says how much of a write the power has cut off", async () => {
		await filled();
		const [journal] = (await readdir(folder)).filter((name) => name.endsWith(".journal2"));
		await appendFile(
			join(folder, journal as string),
			(await readFile(join(folder, journal as string))).subarray(0, 300),
		);
		const { code, stdout } = await run(`check ${data}`);
		expect([code, stdout]).toEqual([0, expect.stringMatching(/the last \d+ records? not used/)]);
	});

	test("export and import carry everything over", async () => {
		await filled();
		const file = join(root, "all.jsonl");
		expect(await run(`export ${data} --output ${file}`)).toMatchObject({ code: 0, stdout: "" });
		const lines = (await readFile(file, "utf8"))
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line));
		expect(lines).toContainEqual({
			kind: "retained",
			topic: "home/ünicode",
			payload: "ä\n",
			qos: 1,
			retain: true,
			expiresAt: "2090-01-01T00:00:00.000Z",
			properties: { contentType: "a/b", correlationData: "AP8=", userProperties: { a: ["1", "2"] } },
		});
		expect(lines).toContainEqual(expect.objectContaining({ topic: "home/bytes", payloadBase64: "//4=" }));
		const other = join(root, "other");
		expect(await run(`import ${other} ${file} --itself`)).toMatchObject({ code: 0, stderr: "" });
		const again = await run(`export ${other}`);
		expect(again.stdout.split("\n").slice(1)).toEqual((await readFile(file, "utf8")).split("\n").slice(1));
		expect(await content(other)).toEqual(await content(folder));
	});

	test("import takes the standard input, and nothing into a store that is not empty", async () => {
		await filled();
		const { stdout } = await run(`export ${data}`);
		const other = join(root, "other");
		expect(await run(`import ${other} - --itself`, stdout)).toMatchObject({ code: 0 });
		expect(await run(`import ${other} -`, stdout)).toMatchObject({
			code: 2,
			stderr: expect.stringContaining("not empty"),
		});
		const strange = await run(`import ${root} - --itself`, stdout);
		expect(strange).toMatchObject({ code: 2, stderr: expect.stringContaining("no folder of a store") });
	});

	const node = (id: string, more: object = {}) => ({ id, type: "flowbroker-broker", port: "0", ...more });

	test("what is imported before the first run is there in that run", async () => {
		await filled();
		const { stdout } = await run(`export ${data}`);
		const flow = workshop.write("first/home.json", [node("my.home"), node("away", { kind: "remote", port: "1" })]);
		const other = join(root, "other");
		expect(await run(`import ${other} - --flow ${flow}`, stdout)).toMatchObject({ code: 0, stderr: "" });
		const running = workshop.startReal(["run", flow, "--data", other]);
		await running.sees("MQTT on ");
		const client = await connect(`mqtt://127.0.0.1:${/MQTT on 127\.0\.0\.1:(\d+)/.exec(running.stdout)?.[1]}`);
		await client.mqtt.subscribeAsync("home/+");
		expect(await client.next(({ topic }) => topic === "home/ünicode")).toMatchObject({ text: "ä\n", retain: true });
		await client.close();
		await running.stop();
	});

	test.each([
		["the flow of Node-RED's user folder", "other/flows.json", {}],
		["the flow of the environment", "flow.json", { FLOWBROKER_FLOWS: "flow.json" }],
	])("import finds the broker in %s", async (_name, file, env) => {
		await filled();
		const { stdout } = await run(`export ${data}`);
		const folder = workshop.write(join(relative(workshop.root, root), file), [node("home")]).slice(0, -file.length);
		const variables = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, join(folder, value)]));
		const other = join(folder, "other");
		expect(await workshop.run(["store", "import", other, "-"], variables, stdout)).toMatchObject({ code: 0 });
		expect(await content(join(other, "flowbroker/home/store"))).toEqual(
			await content(join(data, "flowbroker/home/store")),
		);
	});

	test("import makes nothing where it is not clear which broker will look for it", async () => {
		const other = join(root, "other");
		const several = workshop.write("several.json", [node("a"), node("b")]);
		const none = workshop.write("none.json", [node("a", { kind: "remote" })]);
		for (const [options, sentence] of [
			["", "it is not known where one will look for its store. Add --flow FLOW.json"],
			[` --flow ${several}`, "There are several brokers in"],
			[` --flow ${none}`, "There is no embedded broker in"],
			[" --flow /nowhere.json", "/nowhere.json can't be read"],
			[" --broker a --itself", "Give one of"],
		] as const) {
			const { code, stderr } = await run(`import ${other} -${options}`);
			expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)]);
		}
		expect(existsSync(other)).toBe(false);
	});

	const head = '{"kind":"store","version":1,"exportedAt":"2026-11-21T13:00:00.000Z"}';
	const session = '{"kind":"session","clientId":"c","user":null,"patience":60}';
	const queued = '{"kind":"queued","clientId":"c","key":"k","topic":"a","payload":"x","qos":1,"retain":false}';
	test.each([
		["nothing", [], "first and a last line"],
		["another file", ["hello", "world"], "Line 1: it is no JSON"],
		["a later form", [head.replace('"version":1', '"version":2'), '{"kind":"end","records":0}'], '"version" must be'],
		["a file that was cut off", [head, session], "the file may be cut off"],
		["a missing line", [head, session, '{"kind":"end","records":2}'], '"records" says 2, and there are 1'],
		["a line too little", [head, queued, '{"kind":"end","records":1}'], 'no line with "kind":"session" is before it'],
		["an unknown kind", [head, '{"kind":"x"}', '{"kind":"end","records":1}'], '"kind" must be retained'],
		["a mistyped field", [head, session.replace("user", "User"), '{"kind":"end","records":1}'], '"User" is not known'],
		[
			"a wrong topic",
			[head, session, queued.replace('"a"', '"a/#"'), '{"kind":"end","records":2}'],
			'Line 3: "topic" must be',
		],
		[
			"no payload",
			[head, session, queued.replace('"payload":"x",', ""), '{"kind":"end","records":2}'],
			'"payloadBase64"',
		],
	])("import refuses %s, says where it is wrong, and makes nothing", async (_name, lines, sentence) => {
		const other = join(root, "other");
		const { code, stderr } = await run(`import ${other} - --itself`, lines.join("\n"));
		expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)]);
		expect(existsSync(other)).toBe(false);
	});

	test("compact leaves one small file with the same content", async () => {
		for (let count = 0; count < 5; count++) await filled();
		const before = await content(folder);
		expect((await readdir(folder)).filter((name) => name.endsWith(".journal2")).length).toBeGreaterThan(4);
		expect(await run(`compact ${data} --broker home`)).toMatchObject({ code: 0, stderr: "" });
		const after = (await readdir(folder)).sort();
		expect(after).toEqual([expect.stringMatching(/journal2$/), expect.stringMatching(/snapshot$/), "store.json"]);
		expect(await content(folder)).toEqual(before);
	});

	test("no command touches the store of a broker that runs", async () => {
		const running = await opened();
		running.retain(message("a", "x"));
		await running.flushed();
		for (const words of [`check ${data}`, `export ${data}`, `compact ${data}`, `import ${data} -`]) {
			const input = [head, '{"kind":"end","records":0}'].join("\n");
			const { code, stdout, stderr }: Outcome = await run(words, input);
			expect([code, stdout, stderr]).toEqual([1, "", expect.stringContaining("A broker is running on the store")]);
		}
		await running.close();
	});

	test.each([
		["check", "Say the folder DIR"],
		[`check ${__filename}`, "is a file. DIR has to be a folder"],
		["check /nowhere", "There is no store in /nowhere"],
		["export /nowhere", "There is no store in /nowhere"],
		["import /nowhere", "Name the folder and the file"],
		["import /nowhere/a /nowhere/b --broker a", "there is no such file"],
		["compact /nowhere", "There is no store in /nowhere"],
	])("%j is refused with the remedy", async (words, sentence) => {
		expect(await run(words)).toMatchObject({ code: 2, stderr: expect.stringContaining(sentence) });
	});
});
