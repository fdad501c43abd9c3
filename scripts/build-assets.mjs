/**
 * Puts the parts of the nodes that tsc does not write beside the compiled ones: forms with their bundled editor code,
 * locales and icons; and the page of the plugin. Runs after tsc, which has checked the types.
 */

import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A line of the html that the bundled editor.ts of the same folder takes the place of. */
const placeholder = /^[ \t]*\/\/ editor\.ts[ \t]*$/m;

for (const node of await nodeNames()) {
	const from = join(root, "nodes", node);
	const to = join(root, "dist/nodes", node);
	await mkdir(to, { recursive: true });
	await writeFile(join(to, `${node}.html`), await pageOf(node, from));
	await cp(join(from, "locales"), join(to, "locales"), { recursive: true });
	await cp(join(from, "icons"), join(to, "icons"), { recursive: true });
}

const plugin = "editor-plugins/flowbroker";
await mkdir(join(root, "dist", plugin), { recursive: true });
await cp(join(root, plugin, "flowbroker.html"), join(root, "dist", plugin, "flowbroker.html"));

/** A folder is a node when it has a form named as itself. */
async function nodeNames() {
	const entries = await readdir(join(root, "nodes"), { recursive: true });
	return entries.map((path) => /^([\w-]+)[\\/]\1\.html$/.exec(path)?.[1]).filter((name) => name !== undefined);
}

async function pageOf(node, folder) {
	const html = await readFile(join(folder, `${node}.html`), "utf8");
	if (!placeholder.test(html)) return html;
	const code = await bundle(join(folder, "editor.ts"), globalName(node));
	return html.replace(placeholder, () => code);
}

/** The editor runs all nodes in one page: a name for each that nobody else takes. */
function globalName(node) {
	const words = node.split("-").map((word) => word[0].toUpperCase() + word.slice(1));
	return `flowbroker${words.join("")}`;
}

async function bundle(entry, name) {
	const { outputFiles } = await build({
		entryPoints: [entry],
		bundle: true,
		write: false,
		format: "iife",
		globalName: name,
		platform: "browser",
		target: "es2020",
		inject: [join(root, "nodes/editor/buffer.ts")],
		legalComments: "none",
	});
	// A closing tag inside a text would end the script of the page.
	return outputFiles[0].text.trimEnd().replaceAll("</script", "<\\/script");
}
