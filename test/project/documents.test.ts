import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { errorTable } from "../../broker";
import { limitRanges } from "../../broker/limits";

const root = join(__dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const manifest = JSON.parse(read("package.json")) as {
	name: string;
	license: string;
	keywords: string[];
	repository: { url: string };
	bugs: { url: string };
	engines: { node: string };
	dependencies: Record<string, string>;
	scripts: Record<string, string>;
	bin: Record<string, string>;
	"node-red": { version: string; nodes: Record<string, string>; plugins?: Record<string, string> };
};

const documents = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
	.filter((name) => name.endsWith(".md"))
	.map((name) => `docs/${name}`);

/** Paths below `flows`. */
function exampleFlows(): string[] {
	return readdirSync(join(root, "flows"), { recursive: true, encoding: "utf8" }).filter((file) =>
		file.endsWith(".json"),
	);
}

/** As GitHub names them in addresses. */
function headingsOf(path: string): string[] {
	return [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
		heading
			.toLowerCase()
			.replace(/[^\w\- ]/g, "")
			.replaceAll(" ", "-"),
	);
}

describe("the documents agree with the code", () => {
	test("docs/errors.md lists every error code with what the table says, and no other", () => {
		const rows = [...read("docs/errors.md").matchAll(/^\| `([A-Z0-9_]+)` \| (.+) \| (\d+) \| (\d+) \|$/gm)];
		const documented = Object.fromEntries(
			rows.map(([, code, when, http, exit]) => [code, { when, http: Number(http), exit: Number(exit) }]),
		);
		expect(documented).toEqual(errorTable);
	});

	test("docs/settings.md lists every limit with its default and range, and no other", () => {
		const rows = read("docs/settings.md").matchAll(/^\| `(\w+)` \| .+ \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$/gm);
		const number = (text: string | undefined) => Number(text?.replaceAll(",", ""));
		const documented = Object.fromEntries(
			[...rows].map(([, name, usual, least, most]) => [name, [number(least), number(usual), number(most)]]),
		);
		expect(documented).toEqual(limitRanges);
	});

	test("every npm script that README and CONTRIBUTING name exists", () => {
		for (const file of ["README.md", "CONTRIBUTING.md"]) {
			for (const [, script] of read(file).matchAll(/npm (?:run )?([a-z:]+)/g)) {
				if (["ci", "install", "pack", "i"].includes(script as string)) continue;
				expect({ file, script, known: (script as string) in manifest.scripts }).toMatchObject({ known: true });
			}
		}
	});

	test("every command of flowbroker that README and the pages name within a sentence exists", () => {
		const help = spawnSync(process.execPath, [join(root, "dist/runtime/cli.js"), "--help"], {
			encoding: "utf8",
		}).stdout;
		const known = [...help.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, command]) => command);
		expect(known.length).toBeGreaterThan(15);
		for (const file of ["README.md", ...documents]) {
			for (const [, command] of read(file).matchAll(/`flowbroker ([a-z]+)/g)) {
				expect({ file, command, known: [...known, "help"].includes(command) }).toMatchObject({ known: true });
			}
		}
	});

	test("every link within the project leads somewhere", () => {
		for (const file of ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", ...documents]) {
			for (const [, target = "", heading] of read(file).matchAll(/\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]*))?\)/g)) {
				const path = target === "" ? file : join(file, "..", target);
				expect({ file, target, exists: existsSync(join(root, path)) }).toMatchObject({ exists: true });
				if (heading !== undefined)
					expect({ file, headings: headingsOf(path) }).toMatchObject({ headings: expect.arrayContaining([heading]) });
			}
		}
	});

	test("ARCHITECTURE.md gives a reason for every dependency, and there are at most six", () => {
		const names = Object.keys(manifest.dependencies);
		expect(names.length).toBeLessThanOrEqual(6);
		const reasons = [...read("ARCHITECTURE.md").matchAll(/^\| ([a-z-]+) \| .+ \|$/gm)].map(([, name]) => name);
		for (const name of names) expect(reasons).toContain(name);
	});
});

// What Node-RED's own checker for published nodes asks, restated here because it needs the internet.
describe("the package as Node-RED's flow library wants it", () => {
	test("has licence, repository, scoped name, keyword and versions", () => {
		expect(manifest.license).toBe("Apache-2.0");
		expect(manifest.repository.url).toMatch(/^git\+https:/);
		expect(manifest.bugs.url).toMatch(/^https:/);
		expect(manifest.name).toMatch(/^@[a-z]+\//);
		expect(manifest.keywords).toContain("node-red");
		expect(manifest.engines.node).toBe(">=20.19");
		expect(manifest["node-red"].version).toBe(">=4.1.0");
	});

	test("every entry for Node-RED is a built file with its html beside it", () => {
		const entries = { ...manifest["node-red"].nodes, ...manifest["node-red"].plugins, ...manifest.bin };
		for (const path of Object.values(entries))
			expect({ path, built: existsSync(join(root, path)) }).toMatchObject({ built: true });
		for (const path of Object.values(manifest["node-red"].nodes)) {
			expect(existsSync(join(root, path.replace(/\.js$/, ".html")))).toBe(true);
		}
	});

	test("every node that stands on a canvas is used in an example flow", () => {
		const used = new Set<string>();
		for (const name of exampleFlows()) {
			for (const { type } of JSON.parse(read(`flows/${name}`)) as { type: string }[]) used.add(type);
		}
		for (const type of Object.keys(manifest["node-red"].nodes)) expect([...used]).toContain(type);
	});

	test("example flows hold no credentials, have a comment, and only types of Node-RED's core and of this package", () => {
		const own = Object.keys(manifest["node-red"].nodes);
		for (const name of exampleFlows()) {
			const nodes = JSON.parse(read(`flows/${name}`)) as { type: string; credentials?: unknown }[];
			expect(nodes.filter(({ credentials }) => credentials !== undefined)).toEqual([]);
			expect(nodes.some(({ type }) => type === "comment")).toBe(true);
			for (const { type } of nodes) if (type.startsWith("flowbroker-")) expect(own).toContain(type);
		}
	});
});
