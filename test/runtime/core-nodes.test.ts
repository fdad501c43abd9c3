import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { findTypesInFolder, unneededCoreFiles } from "../../runtime/core-nodes";

describe.each(["node-red", "node-red-5"])("the core nodes of %s", (name) => {
	const nodeRed = createRequire(__filename).resolve(`${name}/package.json`);
	const core = join(dirname(createRequire(nodeRed).resolve("@node-red/nodes")), "core");
	const found = findTypesInFolder(core);

	test("are found in every core file", () => {
		const all = readdirSync(core, { recursive: true, encoding: "utf8" });
		const forms = all.filter((file) => file.endsWith(".html") && !file.includes("/lib/"));
		const files = forms.map((file) => basename(file).replace(".html", ".js")).sort();
		expect([...new Set([...found.values()].map((file) => basename(file)))].sort()).toEqual(files);
	});

	test("are left out but for those that a flow needs", () => {
		const unneeded = unneededCoreFiles(found, new Set(["inject", "link out", "not a core type"]));
		expect(unneeded).not.toContain("20-inject.js");
		expect(unneeded).not.toContain("60-link.js");
		expect(unneeded).toContain("10-mqtt.js");
		expect(unneeded).toHaveLength(new Set(found.values()).size - 2);
	});
});
