// Writes docs/errors.md from the built error table. Run it after a change of broker/errors.ts.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const { errorTable } = createRequire(import.meta.url)("../dist/broker/errors.js");
const rows = Object.entries(errorTable).map(
	([code, { when, http, exit }]) => `| \`${code}\` | ${when} | ${http} | ${exit} |`,
);
writeFileSync(
	"docs/errors.md",
	`# Errors

Every error that flowbroker raises on purpose has a code. The sentence that comes with it names the place and the
remedy. *HTTP* is the status of an answer of the admin API, *exit* the exit code of the command.

| code | when | HTTP | exit |
|---|---|---|---|
${rows.join("\n")}
`,
);
