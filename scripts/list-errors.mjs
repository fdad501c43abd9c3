// Prints the table of docs/errors.md from the built error table, for pasting after a change.
import { createRequire } from "node:module";

const { errorTable } = createRequire(import.meta.url)("../dist/broker/errors.js");
for (const [code, { when, http, exit }] of Object.entries(errorTable)) {
	console.log(`| \`${code}\` | ${when} | ${http} | ${exit} |`);
}
