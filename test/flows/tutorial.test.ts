import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { play, type Section, sectionsOf } from "../helpers/tutorial";

/** A page that goes on with the same broker from one section to the next. */
function asOne(page: string): Section {
	return { title: page, steps: sectionsOf(page).flatMap(({ steps }) => steps) };
}

const sections = sectionsOf("docs/tutorial.md");

test("there is a step for every flow of the tutorial", () => {
	const commands = sections.flatMap(({ steps }) => steps.map(({ text }) => text));
	const flows = commands.flatMap((text) =>
		[...text.matchAll(/flows\/tutorial\/([\w-]+\.json)/g)].map(([, name]) => name),
	);
	expect(flows.sort()).toEqual(readdirSync(join(__dirname, "../../flows/tutorial")).sort());
});

const tasks = readdirSync(join(__dirname, "../../docs/tasks")).map((name) => `docs/tasks/${name}`);

test.each(["docs/home-assistant.md", ...tasks].map((page) => [page, asOne(page)] as const))(
	"the commands of %s show what the page says",
	async (_page, section) => {
		const results = await play(section);
		expect(results.map(({ seen }) => seen)).toEqual(results.map(({ page }) => page));
	},
	60_000,
);

test.each(sections.map((section) => [section.title, section] as const))(
	"the commands of step %s show what the page says",
	async (_title, section) => {
		const results = await play(section);
		expect(results.length).toBeGreaterThan(0);
		for (const { page, seen } of results) expect(seen).toBe(page);
	},
	60_000,
);
