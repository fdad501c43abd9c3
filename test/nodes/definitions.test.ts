import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import { limitRanges } from "../../broker/limits";
import { bridgeTextKeys } from "../../nodes/bridge/bridge-status";
import { bridgeDefaults, bridgeRuleDefaults } from "../../nodes/bridge/properties";
import { warningKeys } from "../../nodes/broker/limit-warnings";
import { brokerDefaults } from "../../nodes/broker/properties";
import { inDefaults } from "../../nodes/in/properties";
import { nodeTypes } from "../../nodes/node-types";
import { outDefaults } from "../../nodes/out/properties";
import { requestDefaults } from "../../nodes/request/properties";
import { statusKeys } from "../../nodes/status";

const root = join(__dirname, "../..");

interface Definition {
	readonly defaults: Record<string, { value: unknown; type?: string; validate?: (value: unknown) => unknown }>;
	readonly color: string;
	readonly icon: string;
	readonly category: string;
	readonly paletteLabel?: string;
}

const nodes = [
	{ name: "broker", type: nodeTypes.broker, defaults: brokerDefaults },
	{ name: "in", type: nodeTypes.in, defaults: inDefaults },
	{ name: "out", type: nodeTypes.out, defaults: outDefaults },
	{ name: "request", type: nodeTypes.request, defaults: requestDefaults },
	{ name: "bridge", type: nodeTypes.bridge, defaults: bridgeDefaults },
] as const;

/** What the built page registers, run as the editor runs it. */
async function definitionOf(name: string): Promise<Map<string, Definition>> {
	const page = await readFile(join(root, "dist/nodes", name, `${name}.html`), "utf8");
	const script = /<script type="text\/javascript">(.*?)<\/script>/s.exec(page)?.[1] ?? "";
	const registered = new Map<string, Definition>();
	const RED = { nodes: { registerType: (type: string, definition: Definition) => registered.set(type, definition) } };
	runInNewContext(script, { RED, TextEncoder, document: { getElementById: () => null }, ...formElements });
	return registered;
}

/** A closed form: no field is found, so nothing is an instance of these. */
const formElements = { HTMLInputElement: class {}, HTMLSelectElement: class {} };

/** All keys of a catalogue, with dots. */
function keysOf(value: unknown, prefix = ""): string[] {
	if (typeof value !== "object" || value === null) return [prefix];
	return Object.entries(value).flatMap(([key, inner]) => keysOf(inner, prefix ? `${prefix}.${key}` : key));
}

async function catalogueOf(name: string): Promise<string[]> {
	return keysOf(JSON.parse(await readFile(join(root, "nodes", name, `locales/en-US/${name}.json`), "utf8")));
}

/** What the rows of the bridge's list ask for. */
const bridgeRuleTexts = [
	"label.add-rule",
	...["out", "in", "both"].map((direction) => `option.${direction}`),
	...Object.keys(bridgeRuleDefaults).map((name) => `placeholder.${name}`),
];

describe.each(nodes)("the node $type", ({ name, type, defaults }) => {
	test("has the same defaults in the editor and at runtime", async () => {
		const { defaults: inEditor } = (await definitionOf(name)).get(type) as Definition;
		const values = Object.fromEntries(Object.entries(inEditor).map(([property, { value }]) => [property, value]));
		expect(values).toEqual(defaults);
	});

	test("has a field in its form for every property", async () => {
		const page = await readFile(join(root, "nodes", name, `${name}.html`), "utf8");
		const prefix = name === "broker" ? "node-config-input" : "node-input";
		// An object has a field for each of its values: birthMsg-contentType.
		const missing = Object.keys(defaults).filter((property) => !new RegExp(`id="${prefix}-${property}["-]`).test(page));
		expect(missing).toEqual([]);
	});

	test("uses only texts that exist, and all of them", async () => {
		const page = await readFile(join(root, "nodes", name, `${name}.html`), "utf8");
		const used = [...page.matchAll(/data-i18n="(?:\[\w+\])?([^"]+)"/g)].map(([, key]) => key as string);
		const own = new Set(used.filter((key) => !key.startsWith("node-red:")));
		for (const [, key] of page.matchAll(/'(\w+\.output\.\w+)'/g)) own.add(key as string);
		if (name === "broker") {
			for (const key of statusKeys) own.add(`broker.status.${key}`);
			for (const key of ["listening", "connected", "denied", ...warningKeys]) own.add(`broker.log.${key}`);
		}
		if (name === "bridge") for (const key of [...bridgeTextKeys, ...bridgeRuleTexts]) own.add(`bridge.${key}`);
		expect([...own].sort()).toEqual((await catalogueOf(name)).sort());
	});

	test("has its icon, its help and MQTT's colour", async () => {
		const definition = (await definitionOf(name)).get(type) as Definition;
		expect(definition.color).toBe("#d8bfd8");
		expect(await readdir(join(root, "dist/nodes", name, "icons"))).toContain(definition.icon);
		const help = await readFile(join(root, "dist/nodes", name, `locales/en-US/${name}.html`), "utf8");
		expect(help).toContain(`data-help-name="${type}"`);
	});

	test("is registered in package.json with the built file", async () => {
		const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
		expect(manifest["node-red"].nodes[type]).toBe(`dist/nodes/${name}/${name}.js`);
	});
});

test("the form of the broker has a field for every limit, and no other", async () => {
	const page = await readFile(join(root, "nodes/broker/broker.html"), "utf8");
	const fields = [...page.matchAll(/id="node-config-input-limits-(\w+)"/g)].map(([, name]) => name);
	expect(fields.sort()).toEqual([...Object.keys(limitRanges), "queueDrops"].sort());
});

describe("validation while one types", () => {
	/** @returns true, or the sentence */
	async function check(name: string, type: string, property: string, value: unknown): Promise<unknown> {
		const { validate } = (await definitionOf(name)).get(type)?.defaults[property] ?? {};
		expect(validate).toHaveLength(2);
		return validate?.call({ inputs: 0 }, value);
	}

	// biome-ignore-start lint/suspicious/noTemplateCurlyInString: this is how a flow names a variable
	test.each([["home/#"], ["+/light"], ["home/${ROOM}/+"]])("takes the filter %p", async (topic) => {
		expect(await check("in", nodeTypes.in, "topic", topic)).toBe(true);
	});

	test.each([[""], ["home/#/light"], ["home+"]])("refuses the filter %p with a sentence", async (topic) => {
		expect(await check("in", nodeTypes.in, "topic", topic)).toEqual(expect.any(String));
	});

	test.each([[""], ["home/light"], ["home/${ROOM}"]])("takes the topic %p to publish to", async (topic) => {
		expect(await check("out", nodeTypes.out, "topic", topic)).toBe(true);
	});

	test.each([["home/+"], ["#"]])("refuses the topic %p to publish to", async (topic) => {
		expect(await check("out", nodeTypes.out, "topic", topic)).toEqual(expect.any(String));
	});

	test.each([[1883], ["1883"], [""], ["${PORT}"]])("takes the port %p", async (port) => {
		expect(await check("broker", nodeTypes.broker, "port", port)).toBe(true);
	});
	// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above

	test("takes limits within their range, and says which one is not", async () => {
		const limits = (value: unknown) => check("broker", nodeTypes.broker, "limits", value);
		// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a flow names a variable
		for (const value of [{}, undefined, { packetSize: 2_048, queueDrops: "oldest" }, { connections: "${MOST}" }]) {
			expect(await limits(value)).toBe(true);
		}
		for (const value of [{ packetSize: 1 }, { connections: "many" }, { packets: 7 }, "none"]) {
			expect(await limits(value)).toEqual(expect.any(String));
		}
	});

	test.each([["MQTT"], [70_000], ["-1"]])("refuses the port %p", async (port) => {
		expect(await check("broker", nodeTypes.broker, "port", port)).toEqual(expect.any(String));
	});
});
