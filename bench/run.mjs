// npm run bench: ours beside Mosquitto, aedes as it is and node-red-contrib-aedes, in turn in the same run.
//
// npm run bench [-- --quick] [-- --rounds 3] [-- --only PART-OF-TITLE] [-- --out FILE.json]
//
// Needs Debian's mosquitto and openssl; `npm install --prefix .work/contrib node-red-contrib-aedes` adds that package to
// the comparison. Prints a table of medians, with the ratio to Mosquitto in the same run, and saves it as JSON.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connections } from "./cases/connections.mjs";
import { latency } from "./cases/latency.mjs";
import { access, messages, tls } from "./cases/messages.mjs";
import { throughNodeRed, ways } from "./cases/node-red.mjs";
import { queue } from "./cases/queue.mjs";
import { wildcards } from "./cases/wildcards.mjs";
import { startBroker } from "./lib/brokers.mjs";
import { median } from "./lib/statistics.mjs";

const { values: options } = parseArgs({
	options: {
		quick: { type: "boolean", default: false },
		rounds: { type: "string" },
		only: { type: "string", default: "" },
		out: { type: "string", default: ".work/bench.json" },
	},
});
const rounds = Number(options.rounds ?? (options.quick ? 1 : 3));
const folder = mkdtempSync(join(tmpdir(), "bench-run-"));
const context = { scale: options.quick ? 0.2 : 1, certificate: certificate() };
const contestants = ["mosquitto", "flowbroker", "aedes"];

const cases = [...messages, access, tls, wildcards, queue, connections, latency];
const report = {
	machine: `${cpus()[0].model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`,
	mosquitto: versionOfMosquitto(),
	rounds,
	scale: context.scale,
	cases: [],
};
console.log(`${report.machine}; ${report.mosquitto}; median of ${rounds} interleaved rounds`);

for (const { title, setup, without = [], run } of cases) {
	if (!title.includes(options.only)) continue;
	const taking = contestants.filter((name) => !without.includes(name));
	await compare(title, taking, async (name) => {
		const broker = await startBroker(name, setup?.(context));
		try {
			return await run(broker, context);
		} finally {
			await broker.stop();
		}
	});
}
if ("Node-RED".includes(options.only) || options.only === "") {
	await compare("through Node-RED and back", ["Mosquitto, core nodes", ...Object.keys(ways)], (way) =>
		throughNodeRed(way, context.scale),
	);
}
writeFileSync(options.out, `${JSON.stringify(report, null, "\t")}\n`);
rmSync(folder, { recursive: true });
process.exit(0);

/** @param names the first one is what the others are compared with */
async function compare(title, names, measure) {
	const unique = [...new Set(names)];
	const results = Object.fromEntries(unique.map((name) => [name, []]));
	for (let round = 0; round < rounds; round++) {
		for (const name of unique) {
			const result = await measure(name);
			if (result) results[name].push(result);
		}
	}
	const rows = [];
	for (const name of unique) {
		const all = results[name];
		if (all.length === 0) continue;
		const figures = Object.keys(all[0]).map((key) => [key, median(all.map((one) => one[key]))]);
		rows.push({ name, figures: Object.fromEntries(figures) });
	}
	report.cases.push({ title, rows });
	print(title, rows);
}

function print(title, rows) {
	console.log(`\n${title}`);
	const base = rows[0].figures;
	for (const { name, figures } of rows) {
		const cells = Object.entries(figures).map(([key, value]) => {
			const ratio = base[key] > 0 ? ` (${(value / base[key]).toFixed(2)} x)` : "";
			return `${key}: ${value < 100 ? value.toFixed(2) : Math.round(value)}${ratio}`;
		});
		console.log(`  ${name.padEnd(26)} ${cells.join("   ")}`);
	}
}

/** Of this run alone. */
function certificate() {
	const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
	execFileSync(
		"openssl",
		["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"].concat([
			"-subj",
			"/CN=localhost",
			"-addext",
			"subjectAltName=DNS:localhost",
			"-keyout",
			key,
			"-out",
			cert,
		]),
		{ stdio: "ignore" },
	);
	return { key, cert, ca: readFileSync(cert) };
}

/** It prints its version with its help, and calls that an error. */
function versionOfMosquitto() {
	const { stdout } = spawnSync("mosquitto", ["-h"], { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
	if (!stdout) throw new Error("Mosquitto is needed: sudo apt-get install mosquitto");
	return stdout.toString().split("\n")[0];
}
