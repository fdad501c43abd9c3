import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type FlowbrokerProcess, Workshop } from "./flowbroker-process";

let workshop: Workshop;

beforeAll(() => {
	workshop = new Workshop();
});

afterAll(() => workshop.remove());

const tab = { id: "t", type: "tab", label: "Home" };
const broker = { id: "b", type: "flowbroker-broker", name: "House", port: "1883" };

/** Says its name when it is made, and may fail. */
function clumsy(name: string, how = ""): object {
	return { id: "x", type: "clumsy", z: "t", name, how };
}

function start(name: string, seconds: number): FlowbrokerProcess {
	workshop.installClumsy(`cwd/${name}`);
	return workshop.start(["run", `${name}.json`, "--data", name, "--watch", "--rollback", String(seconds)]);
}

function save(name: string, ...nodes: object[]): void {
	workshop.write(`cwd/${name}.new`, nodes);
	renameSync(join(workshop.cwd, `${name}.new`), join(workshop.cwd, `${name}.json`));
}

/** Lets a flow work until it is kept. */
async function keep(name: string, ...nodes: object[]): Promise<FlowbrokerProcess> {
	save(name, ...nodes);
	const command = start(name, 1);
	await command.sees("is kept as the last good flow");
	return command;
}

const takenBack = "The flow is taken back; the last one that worked runs.";

describe("flowbroker run --rollback takes a changed flow back", () => {
	test("that throws while it is on trial", async () => {
		const command = await keep("throws", tab, clumsy("first"));
		save("throws", tab, clumsy("second", "timer"));
		await command.sees("made: second");
		await command.sees("The node clumsy (x) failed and nothing caught its error: stumbled");
		await command.sees(takenBack);
		save("throws", tab, clumsy("third"));
		await command.sees("made: third");
		const { code, stdout } = await command.stop();
		expect(stdout.match(/made: \w+/g)).toEqual(["first", "second", "first", "third"].map((name) => `made: ${name}`));
		expect(code).toBe(0);
	});

	test("of which a listener does not come up", async () => {
		const command = await keep("down", tab, broker, clumsy("first"));
		save("down", tab, { ...broker, down: "Port 1883 is in use." }, clumsy("second"));
		await command.sees("Port 1883 is in use.");
		await command.sees(takenBack);
		const { code, stdout } = await command.stop();
		expect(stdout.match(/fake broker made/g)).toHaveLength(3);
		expect(code).toBe(0);
	});

	test("although it fails before any flow has been kept", async () => {
		save("early", tab, clumsy("first"));
		const command = start("early", 60);
		await command.sees("is running");
		save("early", tab, clumsy("second", "timer"));
		await command.sees(takenBack);
		expect((await command.stop()).code).toBe(0);
	});
});

describe("flowbroker run --rollback starts the last good flow", () => {
	test("when the new one has ended the process, until it is changed", async () => {
		await (await keep("killed", tab, clumsy("first"))).stop();
		save("killed", tab, clumsy("second", "end"));
		const ended = await start("killed", 60).outcome();
		expect(ended.stdout).toContain("made: second");
		const again = start("killed", 60);
		await again.sees("is running");
		await again.sees("This flow was started before and failed");
		await again.sees("made: first");
		expect(again.stdout).not.toContain("made: second");
		save("killed", tab, clumsy("third"));
		await again.sees("made: third");
		expect((await again.stop()).code).toBe(0);
	});

	test("when the new one does not start", async () => {
		await (await keep("unstarted", tab, broker, clumsy("first"))).stop();
		save("unstarted", tab, { ...broker, down: "Port 1883 is in use." });
		const command = start("unstarted", 60);
		await command.sees("is running");
		await command.sees(takenBack);
		await command.sees("made: first");
		expect((await command.stop()).code).toBe(0);
	});

	test("when the files are damaged", async () => {
		await (await keep("damaged", tab, clumsy("first"))).stop();
		writeFileSync(join(workshop.cwd, "damaged.json"), "[{");
		const command = start("damaged", 60);
		await command.sees("is running");
		await command.sees("damaged.json is incomplete");
		await command.sees("The last flow that worked runs in its place.");
		expect((await command.stop()).code).toBe(0);
	});
});

describe("flowbroker run --rollback", () => {
	test("does not hold a stop in the midst of a trial against the flow", async () => {
		save("stopped", tab, clumsy("first"));
		for (let time = 1; time <= 2; time++) {
			const command = start("stopped", 60);
			await command.sees("is running");
			const { code, stderr } = await command.stop();
			expect(code).toBe(0);
			expect(stderr).not.toContain("failed");
		}
	});

	test("keeps the flow as its file has it, for nobody else to read", async () => {
		const secretive = { ...clumsy("first"), credentials: { password: "$" + "{HOME}" } };
		await (await keep("kept", tab, secretive)).stop();
		const { good } = JSON.parse(readFileSync(join(workshop.cwd, "kept/last-good-flow.json"), "utf8"));
		expect(good).toEqual([tab, secretive]);
	});

	test("says when what it kept is damaged, and goes on", async () => {
		workshop.write("cwd/rotten/last-good-flow.json", "{");
		save("rotten", tab, clumsy("first"));
		const command = start("rotten", 1);
		await command.sees("last-good-flow.json is damaged");
		await command.sees("is kept as the last good flow");
		expect((await command.stop()).code).toBe(0);
	});

	test("needs a data folder, and a number", async () => {
		save("bare", tab);
		const bare = await workshop.run(["run", "bare.json", "--rollback", "5"]);
		expect([bare.code, bare.stderr]).toEqual([2, expect.stringContaining("add --data DIR")]);
		const word = await workshop.run(["run", "bare.json", "--rollback", "soon", "--data", "bare"]);
		expect([word.code, word.stderr]).toEqual([2, expect.stringContaining("soon is not a whole number")]);
		expect(existsSync(join(workshop.cwd, "bare"))).toBe(false);
	});
});
