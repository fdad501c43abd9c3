import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { chmodSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Workshop } from "./flowbroker-process";

const tab = { id: "t", type: "tab", label: "Home" };
const vault = { id: "v", type: "vault", z: "t", name: "Front door" };
const password = "open-sesame-7";

/** A node that tells whether it got the password, and cannot keep it to itself. */
const vaultProgram = `
module.exports = (RED) => {
	function Vault(config) {
		RED.nodes.createNode(this, config);
		const { user, password } = this.credentials ?? {};
		const hash = require("node:crypto").createHash("sha256").update(String(password)).digest("hex");
		console.log("vault " + this.id + " user " + user + " hash " + hash.slice(0, 8));
		this.log("logs " + password);
		this.warn("warns " + password);
		this.error(new Error("fails with " + password));
		if (config.crash) setImmediate(() => { throw new Error("crashes with " + password); });
	}
	RED.nodes.registerType("vault", Vault, { credentials: { user: { type: "text" }, password: { type: "password" } } });
};`;

const vaultForm = `<script type="text/javascript">
RED.nodes.registerType('vault', { defaults: { name: { value: '' } }, credentials: { user: { type: 'text' }, password: { type: 'password' } } });
</script>`;

let workshop: Workshop;

beforeAll(() => {
	workshop = new Workshop();
	const folder = "data/node_modules/contrib-vault";
	workshop.write(`${folder}/package.json`, {
		name: "contrib-vault",
		version: "1.0.0",
		"node-red": { nodes: { vault: "vault.js" } },
	});
	workshop.write(`${folder}/vault.js`, vaultProgram);
	workshop.write(`${folder}/vault.html`, vaultForm);
	workshop.write("data/package.json", {});
	workshop.write("cwd/home.json", [tab, vault]);
});

afterAll(() => workshop.remove());

function got(text: string, user: string | undefined = "flow", id = "v"): string {
	return `vault ${id} user ${user} hash ${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
}

function secretFile(name: string, content: unknown, mode = 0o600): string {
	const file = workshop.write(`cwd/${name}`, content);
	chmodSync(file, mode);
	return name;
}

function encrypted(content: unknown, secret: string): object {
	const vector = randomBytes(16);
	const cipher = createCipheriv("aes-256-ctr", createHash("sha256").update(secret).digest(), vector);
	return {
		$: vector.toString("hex") + cipher.update(JSON.stringify(content), "utf8", "base64") + cipher.final("base64"),
	};
}

/** Runs the flow until it is up. @returns all that was printed */
async function run(args: readonly string[], env: Record<string, string> = {}, sees = "is running"): Promise<string> {
	const command = workshop.start(["run", "--data", "../data", ...args], env);
	await command.sees(sees);
	const { stdout, stderr } = await command.stop();
	return stdout + stderr;
}

describe("flowbroker run gives a node its secrets", () => {
	test("from a JSON file, by the name of the node", async () => {
		const file = secretFile("by-name.json", { "Front door": { user: "flow", password } });
		expect(await run(["home.json", "--secrets", file])).toContain(got(password));
	});

	test("from a YAML file, by the id of the node", async () => {
		const file = secretFile("by-id.yaml", `# the door\nv:\n  user: flow\n  password: "${password}"\n`);
		expect(await run(["home.json", "--secrets", file])).toContain(got(password));
	});

	test("from environment variables that the file names", async () => {
		const file = secretFile("variables.json", { v: { user: "flow", password: "$" + "{DOOR}-$$" + "{x}" } });
		expect(await run(["home.json", "--secrets", file], { DOOR: "seven" })).toContain(got("seven-$" + "{x}"));
	});

	test("from environment variables that the flow names", async () => {
		workshop.write("cwd/inside.json", [tab, { ...vault, credentials: { user: "flow", password: "$" + "{DOOR}" } }]);
		expect(await run(["inside.json"], { DOOR: password })).toContain(got(password));
	});

	test("from variables that the flow itself declares", async () => {
		const home = { ...tab, env: [{ name: "DOOR", type: "str", value: password }] };
		workshop.write("cwd/declared.json", [home, { ...vault, credentials: { user: "flow", password: "$" + "{DOOR}" } }]);
		expect(await run(["declared.json"])).toContain(got(password));
	});

	test("from the credentials that systemd hands over", async () => {
		workshop.write("systemd/Front-door.password", `${password}\n`);
		workshop.write("systemd/v.user", "flow");
		workshop.write("systemd/other.password", "for somebody else");
		const folder = join(workshop.root, "systemd");
		expect(await run(["home.json"], { CREDENTIALS_DIRECTORY: folder })).toContain(got(password));
	});

	test.each(["the environment", "a file", "the file that Node-RED keeps beside"])(
		"from Node-RED's own encrypted file, opened with the secret of %s",
		async (where) => {
			const secret = "credential secret";
			const folder = where.replaceAll(" ", "-");
			workshop.write(`cwd/${folder}/flows_cred.json`, encrypted({ v: { user: "flow", password } }, secret));
			const args = ["home.json", "--credentials", `${folder}/flows_cred.json`];
			const env: Record<string, string> = where === "the environment" ? { NODE_RED_CREDENTIAL_SECRET: secret } : {};
			if (where === "a file") args.push("--credential-secret", secretFile("credential-secret", `${secret}\n`));
			if (where.includes("beside")) workshop.write(`cwd/${folder}/.config.runtime.json`, { _credentialSecret: secret });
			expect(await run(args, env)).toContain(got(password));
		},
	);

	test("from Node-RED's own file that is not encrypted", async () => {
		const file = secretFile("plain_cred.json", { v: { user: "flow", password } });
		expect(await run(["home.json", "--credentials", file])).toContain(got(password));
	});

	test("with systemd before the file of secrets before Node-RED's file before the flow", async () => {
		workshop.write("cwd/four.json", [
			tab,
			...["a", "b", "c", "d"].map((id) => ({ id, type: "vault", z: "t", credentials: { password: "from-flow" } })),
		]);
		const kept = secretFile(
			"four_cred.json",
			Object.fromEntries(["b", "c", "d"].map((id) => [id, { password: "from-kept" }])),
		);
		const file = secretFile("four-secrets.json", { c: { password: "from-file" }, d: { password: "from-file" } });
		workshop.write("systemd-four/d.password", "from-systemd");
		const env = { CREDENTIALS_DIRECTORY: join(workshop.root, "systemd-four") };
		const printed = await run(["four.json", "--credentials", kept, "--secrets", file], env);
		for (const [id, text] of [
			["a", "from-flow"],
			["b", "from-kept"],
			["c", "from-file"],
			["d", "from-systemd"],
		] as const) {
			expect(printed).toContain(got(text, "undefined", id));
		}
	});

	test("as the secret variables of a tab and of the whole flow", async () => {
		const func = "node.warn(env.get('PIN').length + ' and ' + env.get('CODE').length)";
		workshop.write("cwd/variables-flow.json", [
			{ ...tab, env: [{ name: "PIN", type: "cred" }] },
			{ id: "g", type: "global-config", env: [{ name: "CODE", type: "cred" }], modules: {} },
			{ id: "f", type: "function", z: "t", func, initialize: func, outputs: 0, libs: [], wires: [] },
		]);
		const file = secretFile("variables-secrets.json", { Home: { PIN: "12345" }, "global-config": { CODE: "1234567" } });
		expect(await run(["variables-flow.json", "--secrets", file], {}, "5 and 7")).toContain("5 and 7");
	});
});

describe("flowbroker run never shows a secret", () => {
	test("whatever a node logs, with --verbose too", async () => {
		const file = secretFile("shown.json", { v: { user: "flow", password } });
		const printed = await run(["home.json", "--secrets", file, "--verbose"]);
		for (const said of ["logs ***", "warns ***", "fails with ***", got(password)]) expect(printed).toContain(said);
		expect(printed).not.toContain(password);
	});

	test("when a node fails and nothing catches its error", async () => {
		workshop.write("cwd/crash.json", [tab, { ...vault, crash: true }]);
		const file = secretFile("shown.json", { v: { user: "flow", password } });
		const words = ["run", "crash.json", "--data", "../data", "--secrets", file, "--verbose"];
		const command = workshop.start(words);
		await command.sees("nothing caught its error: crashes with ***");
		const { code, stdout, stderr } = await command.stop();
		expect(stdout + stderr).not.toContain(password);
		expect(code).toBe(0);
	});

	test("in the arguments that others can see", async () => {
		const command = workshop.start([
			"run",
			"home.json",
			"--data",
			"../data",
			"--secrets",
			secretFile("ps.json", { v: { password } }),
		]);
		await command.sees("is running");
		expect(readFileSync(`/proc/${command.pid}/cmdline`, "utf8")).not.toContain(password);
		await command.stop();
	});
});

describe("flowbroker secrets template", () => {
	test("lists what the nodes have, known ones and those of other packages", async () => {
		workshop.write("cwd/needs.json", [
			tab,
			vault,
			{ id: "m", type: "mqtt-broker", name: "Cellar" },
			{ id: "n", type: "mqtt-broker", name: "Cellar" },
			{ id: "h", type: "http request", z: "t", authType: "bearer" },
			{ id: "q", type: "http request", z: "t", authType: "" },
		]);
		const { code, stdout, stderr } = await workshop.run(["secrets", "template", "needs.json", "--data", "../data"]);
		expect(JSON.parse(stdout)).toEqual({
			"Front door": { user: "", password: "" },
			m: { user: "", password: "" },
			n: { user: "", password: "" },
			h: { password: "" },
		});
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	});

	test("writes a file that only its owner can read, and that run takes when it is filled in", async () => {
		const args = ["secrets", "template", "home.json", "--data", "../data", "--output", "new.json"];
		expect((await workshop.run(args)).stdout).toContain("Wrote new.json.");
		const file = join(workshop.cwd, "new.json");
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect((await workshop.run(["run", "home.json", "--data", "../data", "--secrets", "new.json"])).stderr).toContain(
			'the vault "Front door" (node v) needs the secret "password", which is empty in new.json.',
		);
		workshop.write("cwd/new.json", readFileSync(file, "utf8").replaceAll('""', `"${password}"`));
		expect(await run(["home.json", "--secrets", "new.json"])).toContain(got(password, password));
		expect((await workshop.run(args)).stderr).toContain("new.json is there already, and is left as it is.");
	});
});
