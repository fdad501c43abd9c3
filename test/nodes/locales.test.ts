import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";

const root = join(__dirname, "../../nodes");
const nodes = readdirSync(root).filter((name) => existsSync(join(root, name, "locales/en-US")));
const others = [...new Set(nodes.flatMap((name) => readdirSync(join(root, name, "locales"))))].filter(
	(language) => language !== "en-US",
);

const textOf = (node: string, language: string, ending: "json" | "html") =>
	readFileSync(join(root, node, "locales", language, `${node}.${ending}`), "utf8");

/** Every text with its key, with dots. */
function textsOf(value: unknown, prefix = ""): [string, string][] {
	if (typeof value === "string") return [[prefix, value]];
	return Object.entries(value as object).flatMap(([key, inner]) => textsOf(inner, prefix ? `${prefix}.${key}` : key));
}

const values = (text: string) => [...text.matchAll(/__\w+__/g)].map(([name]) => name).sort();
/** What must be the same in a help in any language: which node it is about, names of properties, code with quotes. */
const marks = (help: string) => ({
	node: /data-help-name="([^"]+)"/.exec(help)?.[1],
	headings: [...help.matchAll(/<h3>/g)].length,
	terms: [...help.matchAll(/<dt/g)].length,
	rows: [...help.matchAll(/<tr>/g)].length,
	quoted: [...help.matchAll(/<code>("[^<]*")<\/code>/g)].map(([, code]) => code).sort(),
});

describe.each(others)("the texts of the nodes in %s", (language) => {
	test.each(nodes)("have the same keys and values to be filled in as the English ones: %s", (node) => {
		const english = new Map(textsOf(JSON.parse(textOf(node, "en-US", "json"))));
		const translated = new Map(textsOf(JSON.parse(textOf(node, language, "json"))));
		expect([...translated.keys()].sort()).toEqual([...english.keys()].sort());
		for (const [key, text] of english) {
			expect({ key, values: values(translated.get(key) ?? "") }).toEqual({ key, values: values(text) });
		}
	});

	test.each(nodes)("explain the same in the help: %s", (node) => {
		expect(marks(textOf(node, language, "html"))).toEqual(marks(textOf(node, "en-US", "html")));
	});

	test("keep a status short enough for the canvas", () => {
		const { broker } = JSON.parse(textOf("broker", language, "json")) as { broker: { status: Record<string, string> } };
		expect(Object.values(broker.status).filter((text) => text.length > 30)).toEqual([]);
	});
});
