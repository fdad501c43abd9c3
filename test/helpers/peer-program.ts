/** Other people's programs as children of a test. One that is missing fails the test with the line that installs it. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";

const packages: Record<string, string> = {
	mosquitto: "mosquitto",
	mosquitto_passwd: "mosquitto",
	mosquitto_pub: "mosquitto-clients",
	mosquitto_sub: "mosquitto-clients",
	openssl: "openssl",
	python3: "python3",
	chromium: "chromium",
	"systemd-analyze": "systemd",
};

/** Where the program is. Debian keeps servers where not everybody looks. */
export function findProgram(name: string): string {
	for (const candidate of [name, `/usr/sbin/${name}`]) {
		if (!spawnSync(candidate, ["--help"], { timeout: 10_000 }).error) return candidate;
	}
	throw new Error(`${name} is missing. Install it with: sudo apt-get install ${packages[name] ?? name}`);
}

/** A Python that has Paho: the system's one, wherever another comes first in the path. */
export function findPaho(): string {
	for (const python of ["/usr/bin/python3", "python3"]) {
		if (spawnSync(python, ["-c", "import paho.mqtt.client"]).status === 0) return python;
	}
	throw new Error("Paho for Python is missing. Install it with: sudo apt-get install python3-paho-mqtt");
}

export interface Output {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** A running program whose lines can be waited for. */
export interface PeerProgram {
	readonly process: ChildProcess;
	/** Resolves with the first line of standard output or standard error that fits; rejects when the program ends before. */
	line(fits: (line: string) => boolean): Promise<string>;
	/** Resolves when the program has ended. */
	readonly ended: Promise<Output>;
	kill(signal?: NodeJS.Signals): Promise<Output>;
}

/** Milliseconds after which a forgotten program is ended. */
const LONGEST = 120_000;

/** @param longest milliseconds after which it is ended in any case */
export function start(program: string, args: readonly string[], input?: string, longest = LONGEST): PeerProgram {
	const stdin = input === undefined ? "ignore" : "pipe";
	const child = spawn(program, args, { stdio: [stdin, "pipe", "pipe"], timeout: longest });
	if (input !== undefined) child.stdin?.end(input);
	let stdout = "";
	let stderr = "";
	const checks = new Set<() => void>();
	child.stdout?.on("data", (chunk) => {
		stdout += chunk;
		for (const check of [...checks]) check();
	});
	child.stderr?.on("data", (chunk) => {
		stderr += chunk;
		for (const check of [...checks]) check();
	});
	const ended = new Promise<Output>((resolve, reject) => {
		child.once("error", reject);
		child.once("close", (code) => resolve({ code, stdout, stderr }));
	});
	ended.catch(() => {});
	return {
		process: child,
		ended,
		line: (fits) =>
			new Promise((resolve, reject) => {
				const check = () => {
					const found = `${stdout}\n${stderr}`.split("\n").find((line) => line !== "" && fits(line));
					if (found === undefined) return;
					checks.delete(check);
					resolve(found);
				};
				checks.add(check);
				check();
				void ended.then((output) => reject(new Error(`${program} ended before: ${JSON.stringify(output)}`)));
			}),
		kill: (signal = "SIGTERM") => {
			child.kill(signal);
			return ended;
		},
	};
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[], input?: string): Promise<Output> {
	return start(program, args, input).ended;
}
