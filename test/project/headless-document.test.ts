import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { findingCodes } from "../../runtime/check/finding";
import { settings } from "../../runtime/config/settings";

const root = join(__dirname, "../..");
const text = readFileSync(join(root, "docs/headless.md"), "utf8");
const blocks = (language: string) =>
	[...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, block]) => block ?? "");
/** Of the page on one Pi those that no test plays: they need root or a second machine. */
const unplayed = [
	...readFileSync(join(root, "docs/tasks/deploy-to-a-pi.md"), "utf8").matchAll(/^```bash\n([\s\S]*?)^```/gm),
];
const commands = [...blocks("sh"), ...unplayed.map(([, block]) => block ?? "")]
	.flatMap((block) => block.split("\n"))
	.map((line) => line.replace(/^sudo /, ""))
	.filter((line) => line.startsWith("flowbroker "));

/** Own formats, which their tests compare with Mosquitto's. */
const withShortOptions = ["pub", "sub"];

function help(words: readonly string[]): string | undefined {
	const cli = join(root, "dist/runtime/cli.js");
	const { status, stdout } = spawnSync(process.execPath, [cli, "help", ...words], { encoding: "utf8" });
	return status === 0 ? stdout : undefined;
}

describe("docs/headless.md, and what no test plays of docs/tasks/deploy-to-a-pi.md", () => {
	test("has command lines", () => {
		expect(commands.length).toBeGreaterThan(15);
	});

	test.each([...new Set(commands)])("shows a command and options that there are: %s", (line) => {
		const words = line.split(" ").slice(1);
		const found = help(words.slice(0, 2)) ?? help(words.slice(0, 1));
		expect(found).toBeDefined();
		if (withShortOptions.includes(words[0] ?? "")) return;
		for (const option of words.filter((word) => word.startsWith("-"))) expect(found).toContain(`  ${option}`);
	});

	test("shows settings that there are", () => {
		const keys = blocks("yaml").flatMap((block) => [...block.matchAll(/^(\w+):/gm)].map(([, key]) => key));
		expect(keys.length).toBeGreaterThan(3);
		for (const key of keys) expect(settings.map((setting) => setting.key)).toContain(key);
	});

	test("lists every finding of check, and no other", () => {
		const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (.+) \|$/gm)].map(([, code, what]) => [code, what]);
		expect(Object.fromEntries(rows)).toEqual(findingCodes);
	});
});
