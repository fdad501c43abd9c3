import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
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
