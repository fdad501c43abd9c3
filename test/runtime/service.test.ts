import { chmodSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { FlowbrokerProcess, Workshop } from "./flowbroker-process";

let workshop: Workshop;
/** Stand-ins for systemd's programs, for machines that have none or another version. */
let path: string;

beforeAll(() => {
	workshop = new Workshop();
	workshop.write("cwd/home.json", [{ id: "t", type: "tab" }]);
	workshop.write("cwd/damaged.json", "[}]");
	workshop.write("cwd/secrets.yaml", "");
	workshop.write("cwd/token", "");
	standIn("systemctl", '[ "$1" = --version ] && echo "systemd $FAKE_VERSION (test)" || printf "$FAKE_STATE"');
	path = `${join(workshop.root, "bin")}${delimiter}${process.env.PATH}`;
});

afterAll(() => workshop.remove());

function standIn(name: string, script: string): void {
	chmodSync(workshop.write(`bin/${name}`, `#!/bin/sh\n${script}\n`), 0o755);
}

const print = async (args: readonly string[], version = "252") => {
	const { code, stdout, stderr } = await workshop.run(["service", "install", "--print", ...args], {
		PATH: path,
		FAKE_VERSION: version,
	});
	expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	return stdout;
};

describe("flowbroker service install --print shows a unit", () => {
	test("that runs the flow as a user of its own, with its data as the only place to write", async () => {
		const unit = await print(["home.json", "--name", "house"]);
		expect(unit).toContain("\nUser=house\n");
		expect(unit).toContain("\nStateDirectory=house\n");
		expect(unit).toContain("\nProtectSystem=strict\n");
		expect(unit).toContain(` run ${join(workshop.cwd, "home.json")} --data /var/lib/house\n`);
		expect(unit).not.toContain("ReadWritePaths");
	});

	test("that takes settings from the configuration file and not from the environment of whoever installs", async () => {
		workshop.write("cwd/house.json", { flows: ["home.json"], memory: 100, port: 883, data: "a %b" });
		const { stdout } = await workshop.run(["service", "install", "--print", "--config", "house.json"], {
			PATH: path,
			FAKE_VERSION: "252",
			FLOWBROKER_DATA: "/elsewhere",
		});
		const folder = join(workshop.cwd, "a %%b");
		expect(stdout).toContain(`\nReadWritePaths="${folder}"\n`);
		expect(stdout).toContain(` run --config ${join(workshop.cwd, "house.json")} --data "${folder}"\n`);
		expect(stdout).toMatch(/^ExecStart=\S+ --max-old-space-size=100 /m);
		expect(stdout).toContain("\nMemoryMax=164M\n");
		expect(stdout).toContain("\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n");
	});

	test("that hands secrets over, so that only root has to be able to read them", async () => {
		workshop.write("cwd/secret.json", { flows: ["home.json"], secrets: "secrets.yaml", tokenFile: "token" });
		const unit = await print(["--config", "secret.json"]);
		expect(unit).toContain(`\nLoadCredential=flowbroker-secrets.yaml:${join(workshop.cwd, "secrets.yaml")}\n`);
		expect(unit).toContain("\nEnvironment=FLOWBROKER_SECRETS=%d/flowbroker-secrets.yaml\n");
		expect(unit).toContain("\nEnvironment=FLOWBROKER_TOKEN_FILE=%d/flowbroker-tokenFile\n");
	});

	test("with a pause that grows where systemd can do that", async () => {
		expect(await print(["home.json"], "252")).toContain("\nRestartSec=10\n");
		expect(await print(["home.json"], "254")).toContain("\nRestartSteps=6\nRestartMaxDelaySec=60\n");
	});
});

describe("flowbroker service", () => {
	test("says every step with --dry-run, and takes none", async () => {
		const { code, stdout } = await workshop.run(["service", "install", "home.json", "--dry-run"], {
			PATH: path,
			FAKE_VERSION: "252",
		});
		expect(stdout.split("\n").map((line) => line.replace(/ +/, " "))).toEqual([
			"write /etc/sysusers.d/flowbroker.conf",
			"run systemd-sysusers flowbroker.conf",
			"write /etc/systemd/system/flowbroker.service",
			"run systemctl daemon-reload",
			"run systemctl enable flowbroker.service",
			"run systemctl restart flowbroker.service",
			"",
		]);
		expect(code).toBe(0);
	});

	test.each<[string, string[], string, string]>([
		["without a flow", ["install"], "252", "Name the flow files"],
		[
			"without the flow file",
			["install", "none.json", "--dry-run"],
			"252",
			"none.json can't be read: there is no such",
		],
		["with a damaged flow file", ["install", "damaged.json", "--dry-run"], "252", "damaged.json is not valid JSON"],
		["with a name that systemd does not take", ["install", "home.json", "--name", "../x"], "252", "is no name"],
		["with an older systemd", ["install", "home.json"], "247", "This is systemd 247: a service needs 250"],
		["to remove what is not there", ["uninstall", "--root", "nowhere"], "252", "There is no service flowbroker"],
	])("refuses %s, and says why", async (_what, args, version, sentence) => {
		const { code, stderr } = await workshop.run(["service", ...args], { PATH: path, FAKE_VERSION: version });
		expect(stderr).toContain(sentence);
		expect([1, 2]).toContain(code);
	});

	test("says that there is no systemd where there is none", async () => {
		const { code, stderr } = await workshop.run(["service", "status"], { PATH: join(workshop.root, "nothing") });
		expect(stderr).toContain("there is no such program. A service needs systemd.");
		expect(code).toBe(1);
	});
});

describe("flowbroker service status", () => {
	const running = "LoadState=loaded\\nActiveState=active\\nSubState=running\\nNRestarts=2\\nMemoryCurrent=83886080\\n";
	test.each<[string, number, RegExp]>([
		[
			`${running}StatusText=home.json is running`,
			0,
			/is running\n {2}it says {4}home.json is running\n {2}restarts {3}2\n {2}memory {5}80 MB/,
		],
		[
			"LoadState=loaded\\nActiveState=failed\\nSubState=failed\\nResult=exit-code\\nNRestarts=0",
			3,
			/is not running \(failed, failed, because: exit-code\)/,
		],
		["LoadState=not-found\\nActiveState=inactive", 4, /There is no service flowbroker/],
	])("reads %j and exits with %d", async (state, exit, text) => {
		const { code, stdout } = await workshop.run(["service", "status"], { PATH: path, FAKE_STATE: state });
		expect(stdout).toMatch(text);
		expect(code).toBe(exit);
	});

	test("is there for programs too", async () => {
		const { stdout } = await workshop.run(["service", "status", "--format", "json"], {
			PATH: path,
			FAKE_STATE: running,
		});
		expect(JSON.parse(stdout)).toMatchObject({ installed: true, running: true, restarts: 2, memory: 83_886_080 });
	});
});

test("a process that systemd does not watch starts no other program", async () => {
	standIn("systemd-notify", "echo told systemd >&2");
	const command = new FlowbrokerProcess(workshop.cli, ["run", "home.json"], workshop.cwd, { PATH: path });
	await command.sees("is running");
	expect((await command.stop()).stderr).toBe("");
});
