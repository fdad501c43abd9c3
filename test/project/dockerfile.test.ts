import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { health } from "../../runtime/commands/health";
import { run } from "../../runtime/commands/run";
import { settings } from "../../runtime/config/settings";

const root = join(__dirname, "../..");
const text = readFileSync(join(root, "Dockerfile"), "utf8").replaceAll("\\\n", " ");
const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
	engines: { node: string };
	bin: Record<string, string>;
};

/** The words of the instructions of this name, those of the last stage only where `last` is said. */
function instructions(name: string, last = false): string[] {
	const from = last ? lines.findLastIndex((line) => line.startsWith("FROM ")) : 0;
	return lines.slice(from).flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1).trim()] : []));
}

describe("the Dockerfile", () => {
	test("copies files that are there, or that an earlier stage made", () => {
		const stages = instructions("FROM").map((words) => / AS (\w+)$/.exec(words)?.[1]);
		for (const words of instructions("COPY")) {
			const from = /^--from=(\w+) /.exec(words)?.[1];
			const sources = words
				.split(" ")
				.filter((word) => !word.startsWith("--"))
				.slice(0, -1);
			if (from === undefined) for (const source of sources) expect(existsSync(join(root, source))).toBe(true);
			else expect(stages).toContain(from);
		}
	});

	test("runs commands and settings that there are", () => {
		expect(instructions("ENTRYPOINT", true)).toEqual([JSON.stringify([Object.keys(manifest.bin)[0]])]);
		expect(JSON.parse(instructions("CMD", true)[0] ?? "")).toEqual([run.name, "/data/flow.json"]);
		const [checked] = instructions("HEALTHCHECK", true);
		expect(JSON.parse(/CMD (.*)$/.exec(checked ?? "")?.[1] ?? "")).toEqual(["flowbroker", health.name]);
		const variables = [...(instructions("ENV", true)[0] ?? "").matchAll(/(FLOWBROKER_\w+)=/g)].map(([, name]) => name);
		for (const name of variables) expect(settings.map(({ variable }) => variable)).toContain(name);
	});

	test("does not run as root, on a Node that Node-RED 5 and this package take", () => {
		expect(instructions("USER", true)).toEqual(["node"]);
		for (const image of instructions("FROM")) {
			const version = Number(/node:(\d+)-/.exec(image)?.[1]);
			expect(version).toBeGreaterThanOrEqual(Number(/\d+/.exec(manifest.engines.node)?.[0]));
			expect(version).toBeGreaterThanOrEqual(23);
		}
	});

	test("keeps what is built or installed here out of the image", () => {
		const ignored = readFileSync(join(root, ".dockerignore"), "utf8").split("\n");
		for (const name of ["**/node_modules", "dist", ".git", ".work"]) expect(ignored).toContain(name);
	});
});
