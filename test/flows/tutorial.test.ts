import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { play, sectionsOf } from "../helpers/tutorial";

const sections = sectionsOf("docs/tutorial.md");

test("there is a step for every flow of the tutorial", () => {
	const commands = sections.flatMap(({ steps }) => steps.map(({ text }) => text));
	const flows = commands.flatMap((text) =>
		[...text.matchAll(/flows\/tutorial\/([\w-]+\.json)/g)].map(([, name]) => name),
	);
	expect(flows.sort()).toEqual(readdirSync(join(__dirname, "../../flows/tutorial")).sort());
});

test.each(sections.map((section) => [section.title, section] as const))(
	"the commands of step %s show what the page says",
	async (_title, section) => {
		const results = await play(section);
		expect(results.length).toBeGreaterThan(0);
		for (const { page, seen } of results) expect(seen).toBe(page);
	},
	60_000,
);
