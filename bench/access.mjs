// What a decision about rights costs with many rules, asked anew and from the memory of a session.
// Usage: node bench/access.mjs [rules=5000]      (build first)
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";

const { AccessStore } = createRequire(import.meta.url)("../dist/broker/access/index.js");
const count = Number(process.argv[2] ?? 5_000);
const file = join(tmpdir(), `flowbroker-bench-access-${process.pid}.json`);
const rules = Array.from({ length: count }, (_, at) => ({
	effect: at % 10 === 0 ? "deny" : "allow",
	action: "all",
	filter: `site/${at % 100}/room/${at}/${at % 3 === 0 ? "#" : "+"}`,
	priority: 0,
}));
const document = {
	version: 1,
	defaults: { publish: "deny", receive: "deny", subscribe: "deny" },
	anonymous: { enabled: false, rules: [] },
	users: [{ name: "u", password: null, enabled: true, groups: [], clientIds: null, expires: null, note: "", rules }],
	groups: [],
};
writeFileSync(file, JSON.stringify(document), { mode: 0o600 });
const store = new AccessStore({ file });
await store.start();

const topics = Array.from({ length: 100_000 }, (_, at) => `site/${at % 100}/room/${at % count}/x${at}`);
const perCall = (ask) => {
	const start = process.hrtime.bigint();
	for (const topic of topics) ask(topic);
	return Number(process.hrtime.bigint() - start) / topics.length;
};
const session = store.session("u", "c");
session.mayReceive("warm/up");
const anew = perCall((topic) => session.mayReceive(topic));
const few = topics.slice(0, 500);
for (const topic of few) session.mayReceive(topic);
const remembered = perCall((topic) => session.mayReceive(few[topic.length % few.length]));
console.log(`${cpus()[0].model}, Node ${process.version}, ${count} rules of one user`);
console.log(`a decision: ${(anew / 1_000).toFixed(2)} us anew, ${(remembered / 1_000).toFixed(2)} us remembered`);
await store.stop();
rmSync(file);
