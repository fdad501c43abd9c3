import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { commandNames } from "../../broker";
import { adminDefaults } from "../../nodes/admin/properties";
import { bridgeDefaults, bridgeRuleDefaults } from "../../nodes/bridge/properties";
import { brokerDefaults } from "../../nodes/broker/properties";
import { eventKinds, eventsDefaults } from "../../nodes/events/properties";
import { haComponents, haEntityDefaults } from "../../nodes/ha-entity/properties";
import { inDefaults } from "../../nodes/in/properties";
import { outDefaults } from "../../nodes/out/properties";
import { requestDefaults } from "../../nodes/request/properties";

const root = join(__dirname, "../..");
const page = readFileSync(join(root, "docs/nodes.md"), "utf8");
const sections = new Map(
	page
		.split(/^## /m)
		.slice(1)
		.map((part) => [part.slice(0, part.indexOf("\n")), part]),
);

const defaults: Readonly<Record<string, object>> = {
	broker: brokerDefaults,
	in: inDefaults,
	out: outDefaults,
	request: requestDefaults,
	events: eventsDefaults,
	admin: adminDefaults,
	bridge: bridgeDefaults,
	"ha-entity": haEntityDefaults,
};

test("docs/nodes.md has a section for every node of the package, and no other", () => {
	const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
	const types = Object.keys(manifest["node-red"].nodes).map((type) => type.replace("flowbroker-", ""));
	expect([...sections.keys()].sort()).toEqual(types.sort());
});

test.each(Object.keys(defaults))(
	"docs/nodes.md lists every property of %s with its usual value, and no other",
	(name) => {
		const table = sections.get(name)?.split("| property |")[1] ?? "";
		const rows = [...table.matchAll(/^\| `(\w+)` \| (?:empty|`(.+?)`) \| (.+) \|$/gm)];
		const documented = rows.map(([, property, usual]) => [property, usual === undefined ? "" : JSON.parse(usual)]);
		expect(Object.fromEntries(documented)).toEqual(defaults[name]);
	},
);

test("docs/nodes.md names every kind of event, every kind of entity, and what a rule of a bridge has", () => {
	for (const kind of eventKinds) expect(sections.get("events")).toContain(`\`${kind}\``);
	for (const component of haComponents) expect(sections.get("ha-entity")).toContain(`\`${component}\``);
	for (const property of Object.keys(bridgeRuleDefaults)) expect(sections.get("bridge")).toContain(`\`${property}\``);
});

test("docs/nodes.md names every command of the admin node", () => {
	const commands = sections.get("admin")?.split("| `command` |")[1]?.split("\n\n")[0] ?? "";
	const named = [...commands.matchAll(/^\| (.+?) \|/gm)].flatMap(([, names = ""]) => names.match(/\w+/g) ?? []);
	expect(named.sort()).toEqual([...commandNames].sort());
});

test.each(Object.keys(defaults))("docs/nodes.md names an example with the node %s", (name) => {
	const section = sections.get(name) ?? "";
	const examples = [...section.matchAll(/`((?:[\w-]+\/)?[\w-]+)`/g)]
		.map(([, example = ""]) => join(root, "flows", `${example}.json`))
		.filter((file) => existsSync(file));
	expect(examples.length).toBeGreaterThan(0);
	for (const file of examples) expect(readFileSync(file, "utf8")).toContain(`"flowbroker-${name}"`);
});

test.each(Object.keys(defaults))("docs/nodes.md has what the help of %s says of messages", (name) => {
	const help = readFileSync(join(root, `nodes/${name}/locales/en-US/${name}.html`), "utf8");
	const parts = help.split("<h3>").filter((part) => /^(Inputs|Outputs)/.test(part));
	const terms = parts.flatMap((part) => [...part.matchAll(/<dt[^>]*>([\w., ]+?)\s*</g)].map(([, term = ""]) => term));
	const missing = terms
		.flatMap((term) => term.match(/\w+/g) ?? [])
		.filter((word) => !sections.get(name)?.includes(word));
	expect(missing).toEqual([]);
});
