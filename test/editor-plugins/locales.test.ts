import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { remarkTexts } from "../../migrate";

const plugin = join(__dirname, "../../editor-plugins/flowbroker");

/** Every text with its key, with dots. */
function textsOf(value: unknown, prefix = ""): [string, string][] {
	if (typeof value === "string") return [[prefix, value]];
	return Object.entries(value as object).flatMap(([key, inner]) => textsOf(inner, prefix ? `${prefix}.${key}` : key));
}

function catalogue(language: string): Map<string, string> {
	return new Map(textsOf(JSON.parse(readFileSync(join(plugin, "locales", language, "flowbroker.json"), "utf8"))));
}

const values = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe("the texts of the sidebar", () => {
	const english = catalogue("en-US");

	// That every key in the code is in the catalogue is checked by the compiler.
	test("are all used", () => {
		const code = readdirSync(join(plugin, "client"), { recursive: true, encoding: "utf8" })
			.filter((file) => file.endsWith(".ts"))
			.map((file) => readFileSync(join(plugin, "client", file), "utf8"))
			.join("\n");
		// As in `t("a.b")`, or with a part of it worked out: t(`a.${b}`).
		const patterns = [...code.matchAll(/["`]([a-z]\w*\.[\w.${}]+)["`]/gi)].map(
			([, key]) => new RegExp(`^${(key as string).replaceAll(".", "\\.").replace(/\$\{[^}]*\}/g, "\\w+")}$`),
		);
		expect([...english.keys()].filter((key) => !patterns.some((pattern) => pattern.test(key)))).toEqual([]);
	});

	test("say of a conversion what the command line says", () => {
		const remarks = [...english].filter(([key]) => key.startsWith("remark."));
		expect(Object.fromEntries(remarks.map(([key, text]) => [key.slice("remark.".length), text]))).toEqual(remarkTexts);
	});

	test.each(readdirSync(join(plugin, "locales")))(
		"are complete in %s, with the same values to be filled in",
		(language) => {
			const translated = catalogue(language);
			expect([...translated.keys()].sort()).toEqual([...english.keys()].sort());
			for (const [key, text] of english) {
				expect({ key, values: values(translated.get(key) ?? "") }).toEqual({ key, values: values(text) });
			}
		},
	);
});
