import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startBroker } from "../helpers/broker";
import { makeFiles } from "./mosquitto/files";
import { rows } from "./mosquitto/rows";
import { startMosquitto } from "./mosquitto/server";
import { Stage } from "./mosquitto/stage";

const only = process.env.ONLY;
test("probe", async () => {
	const folder = mkdtempSync(join(tmpdir(), "flowbroker-mosquitto-"));
	const { passwordFile, aclFile } = await makeFiles(folder);
	const p = `password_file ${passwordFile}`;
	const a = `acl_file ${aclFile}`;
	const stops: any[] = [];
	const m = async (...l: string[]) => { const s = await startMosquitto(folder, l); stops.push(s.stop); return s.port; };
	const o = async (x: any) => { const s = await startBroker(x); stops.push(() => s.broker.stop()); return s.port; };
	const theirs = {
		"anonymous too": await m("allow_anonymous true", p, a),
		"users only": await m("allow_anonymous false", p, a),
		"no passwords": await m("allow_anonymous true", a),
		nobody: await m("allow_anonymous false", a),
	};
	const kind = "mosquitto";
	const ours = {
		"anonymous too": await o({ anonymous: true, access: { kind, passwordFile, aclFile } }),
		"users only": await o({ anonymous: false, access: { kind, passwordFile, aclFile } }),
		"no passwords": await o({ anonymous: true, access: { kind, aclFile } }),
		nobody: await o({ anonymous: false, access: { kind, aclFile } }),
	};
	const out: string[] = [];
	for (const [n, [what, act]] of rows.entries()) {
		if (only && !what.includes(only)) continue;
		const res: string[][] = [];
		for (const ports of [theirs, ours]) {
			const r: string[] = [];
			for (const v of [4, 5] as const) {
				const stage = new Stage(ports, v, `row${n}v${v}`);
				r.push(await Promise.race([act(stage).catch((e) => `ERROR ${e.message}`), new Promise<string>((r) => setTimeout(r, 6000, "TIMEOUT"))]));
				stage.end();
			}
			res.push(r);
		}
		const [t, u] = res as [string[], string[]];
		for (const v of [0, 1]) if (v === 0 || t[0] !== t[1] || u[0] !== u[1]) out.push(`${t[v] === u[v] ? "  " : "##"} ${v + 4} ${what}: ${t[v]}${t[v] === u[v] ? "" : `   ## OURS ${u[v]}`}`);
	}
	writeFileSync("/tmp/mq/out.txt", out.join("\n"));
	for (const s of stops) await s();
	rmSync(folder, { recursive: true });
}, 300000);
