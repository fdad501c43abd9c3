import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import mqtt from "mqtt";
import { CrashGuard } from "../../runtime/crash-guard";
import { Workshop } from "./flowbroker-process";

let workshop: Workshop;

beforeAll(() => {
	workshop = new Workshop();
	workshop.installClumsy("data");
});

afterAll(() => workshop.remove());

const tab = { id: "t", type: "tab" };
const broker = { id: "b", type: "flowbroker-broker", port: "$" + "{FLOWBROKER_PORT}" };
const words = (name: string) => ["run", `${name}.json`, "--port", "0", "--data", "../data"];

describe("an error that somebody else's node does not catch", () => {
	test.each([
		["timer", "stumbled"],
		["promise", "stumbled"],
		["socket", "connect ECONNREFUSED 127.0.0.1:1"],
	])("behind a %s is told with the node's id, and the broker goes on", async (how, message) => {
		workshop.write(`cwd/${how}.json`, [tab, broker, { id: "c1", type: "clumsy", z: "t", how }]);
		const command = workshop.startReal(words(how));
		await command.sees("is running");
		await command.sees(`The node clumsy (c1) failed and nothing caught its error: ${message}`);
		const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${/127\.0\.0\.1:(\d+)/.exec(command.stdout)?.[1]}`);
		await client.endAsync();
		expect((await command.stop()).code).toBe(0);
	});

	test("is laid to the node that got the message, also in a subflow, and not to the one that sent it", async () => {
		const subflow = { id: "s", type: "subflow", in: [{ wires: [{ id: "c2" }] }], out: [] };
		const at = { x: 1, y: 1 };
		workshop.write("cwd/sender.json", [
			tab,
			subflow,
			{ id: "i", type: "inject", z: "t", once: true, onceDelay: 0.01, props: [], wires: [["u"]], ...at },
			{ id: "u", type: "subflow:s", z: "t", wires: [], ...at },
			{ id: "c2", type: "clumsy", z: "s", wires: [], ...at },
		]);
		const command = workshop.startReal(words("sender"));
		await command.sees("The node clumsy (c2) failed");
		expect((await command.stop()).code).toBe(0);
	});

	test("ends the flow in good order when it comes again and again", async () => {
		workshop.write("cwd/often.json", [tab, broker, { id: "c1", type: "clumsy", z: "t", how: "often" }]);
		const { code, stderr } = await workshop.startReal(words("often")).outcome();
		expect(stderr).toContain("This was the error number 11 within a minute: the flow ends.");
		expect(code).toBe(1);
	});
});

describe("the limit of errors", () => {
	test("forgets what is a minute old", () => {
		let now = 0;
		const guard = new CrashGuard(() => now);
		const fatal = Array.from({ length: 30 }, () => {
			now += 7_000;
			return guard.judge(new Error("x"), { id: "n", type: "clumsy" }).fatal;
		});
		expect(fatal).not.toContain(true);
	});

	test("is none for a broker of this package, and for what belongs to no node: those end the flow at once", () => {
		const guard = new CrashGuard();
		expect(guard.judge(new Error("x"), { id: "b", type: "flowbroker-broker" }).fatal).toBe(true);
		expect(guard.judge(new Error("x"), undefined).fatal).toBe(true);
	});
});

test("a flow that takes more memory than --memory allows ends in good order, with the remedy", async () => {
	workshop.write("cwd/large.json", [tab, broker]);
	const { code, stderr } = await workshop.startReal([...words("large"), "--memory", "20"]).outcome();
	expect(stderr).toMatch(/The process uses \d+ MB, and --memory allows 20: it ends/);
	expect(code).toBe(1);
});
