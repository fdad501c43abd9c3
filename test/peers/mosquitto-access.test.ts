import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { findProgram, run } from "../helpers/peer-program";
import { differences, shownByOurs } from "./mosquitto/differences";
import { makeFiles } from "./mosquitto/files";
import { type Given, type Pair, startPair } from "./mosquitto/pair";
import { rows } from "./mosquitto/rows";
import { type Act, type Place, type Ports, Stage, type Version } from "./mosquitto/stage";

describe("who may do what, by Mosquitto's own files", () => {
	let folder: string;
	let theirs: Ports;
	let ours: Ports;
	/** The differences were measured with this one; others may have fewer. */
	let isMeasuredVersion: boolean;
	const pairs: Pair[] = [];

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "flowbroker-mosquitto-"));
		const { passwordFile, aclFile } = await makeFiles(folder);
		const given: Record<Place, Given> = {
			"anonymous too": { anonymous: true, passwordFile, aclFile },
			"users only": { anonymous: false, passwordFile, aclFile },
			"no passwords": { anonymous: true, aclFile },
			nobody: { anonymous: false, aclFile },
		};
		const places = Object.entries(given) as [Place, Given][];
		for (const [, files] of places) pairs.push(await startPair(folder, files));
		const portsOf = (side: "theirs" | "ours") =>
			Object.fromEntries(places.map(([place], at) => [place, pairs[at]?.[side]])) as Ports;
		theirs = portsOf("theirs");
		ours = portsOf("ours");
		isMeasuredVersion = (await run(findProgram("mosquitto"), ["-h"])).stdout.includes("version 2.0.11");
	});

	afterAll(async () => {
		await Promise.all(pairs.map((pair) => pair.stop()));
		rmSync(folder, { recursive: true });
	});

	async function show(act: Act, ports: Ports, version: Version, name: string): Promise<string> {
		const stage = new Stage(ports, version, name);
		try {
			return await act(stage);
		} finally {
			stage.end();
		}
	}

	const cases = rows.flatMap(([what, act], at) =>
		([4, 5] as const).map((version) => ({ what, act, version, name: `row-${at}-${version}` })),
	);

	test.each(cases)("$what (MQTT $version)", async ({ what, act, version, name }) => {
		const shownByTheirs = await show(act, theirs, version, name);
		const different = shownByOurs(what, version);
		expect(await show(act, ours, version, name)).toBe(different ?? shownByTheirs);
		if (isMeasuredVersion) expect(shownByTheirs).not.toBe(different);
	});
});

test("the differences from Mosquitto stand in the documentation, and no others", () => {
	const page = readFileSync(join(__dirname, "../../docs/mosquitto-differences.md"), "utf8");
	const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
	expect(headings).toEqual(differences.map(({ name }) => name));
	const known = new Set(rows.map(([what]) => what));
	for (const row of differences.flatMap(({ rows }) => Object.keys(rows))) expect(known).toContain(row);
});

test("every row of the table has its own name", () => {
	expect(new Set(rows.map(([what]) => what)).size).toBe(rows.length);
});
