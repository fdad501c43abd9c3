/**
 * Puts the parts of the nodes that tsc does not write beside the compiled ones: forms with their bundled editor code,
 * locales and icons; the page of the plugin with its sidebar; and the same as a web page for the headless runtime. Runs after tsc, which has checked the types.
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

const plugin = join(root, "editor-plugins/flowbroker");
const builtPlugin = join(root, "dist/editor-plugins/flowbroker");
await mkdir(builtPlugin, { recursive: true });
await writeFile(join(builtPlugin, "flowbroker.html"), await pluginPage());
await cp(join(plugin, "locales"), join(builtPlugin, "locales"), { recursive: true });

const standalone = join(plugin, "client/standalone");
const web = join(root, "dist/runtime/web");
await mkdir(web, { recursive: true });
await cp(join(standalone, "page.html"), join(web, "index.html"));
await writeFile(
	join(web, "page.js"),
	await bundle(join(standalone, "index.ts"), undefined, [join(standalone, "host.ts")]),
);
const styles = [join(plugin, "client/sidebar.css"), join(standalone, "standalone.css")];
await writeFile(join(web, "page.css"), (await Promise.all(styles.map((file) => readFile(file, "utf8")))).join("\n"));

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

/** The sidebar is in the page itself: a script of its own would be loaded when the plugin is registered already. */
async function pluginPage() {
	const html = await readFile(join(plugin, "flowbroker.html"), "utf8");
	const code = await bundle(join(plugin, "client/index.ts"), "flowbrokerSidebar");
	const style = await readFile(join(plugin, "client/sidebar.css"), "utf8");
	return html.replace("\t// client/index.ts", () => code).replace("\t/* client/sidebar.css */", () => style.trimEnd());
}

/** The editor runs all nodes in one page: a name for each that nobody else takes. */
function globalName(node) {
	const words = node.split("-").map((word) => word[0].toUpperCase() + word.slice(1));
	return `flowbroker${words.join("")}`;
}

/** @param globals files whose exports take the place of the globals of these names */
async function bundle(entry, name, globals = []) {
	const { outputFiles } = await build({
		entryPoints: [entry],
		bundle: true,
		write: false,
		format: "iife",
		globalName: name,
		platform: "browser",
		target: "es2020",
		inject: [join(root, "nodes/editor/buffer.ts"), ...globals],
		legalComments: "none",
	});
	// A closing tag inside a text would end the script of the page.
	return outputFiles[0].text.trimEnd().replaceAll("</script", "<\\/script");
}
