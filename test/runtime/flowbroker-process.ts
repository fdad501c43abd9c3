/** Runs the built `flowbroker` command as a child process, in a copy of the package that has a stand-in for its nodes. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const project = resolve(__dirname, "../..");

/** What a finished command left. */
export interface Outcome {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** A command that runs. */
export class FlowbrokerProcess {
	readonly #child: ChildProcessWithoutNullStreams;
	readonly #closed: Promise<unknown[]>;
	readonly #output = new EventEmitter();
	stdout = "";
	stderr = "";

	constructor(cli: string, args: readonly string[], cwd: string, env: Record<string, string>) {
		this.#child = spawn(process.execPath, [cli, ...args], { cwd, env: { ...process.env, ...env } });
		this.#closed = once(this.#child, "close");
		this.#child.stdout.on("data", (data) => {
			this.stdout += data;
			this.#output.emit("more");
		});
		this.#child.stderr.on("data", (data) => {
			this.stderr += data;
			this.#output.emit("more");
		});
	}

	/** Resolves when the text has appeared on either output; fails when the command ends without it. */
	async sees(text: string): Promise<void> {
		let ended = false;
		const end = this.#closed.then(() => {
			ended = true;
		});
		while (!`${this.stdout}${this.stderr}`.includes(text)) {
			if (ended) throw new Error(`ended without "${text}":\n${this.stdout}\n${this.stderr}`);
			await Promise.race([once(this.#output, "more"), end]);
		}
	}

	/** Writes to the standard input, and ends it. */
	type(text: string): void {
		// A command that does not read may have ended.
		this.#child.stdin.on("error", () => {});
		this.#child.stdin.end(text);
	}

	get pid(): number | undefined {
		return this.#child.pid;
	}

	signal(signal: NodeJS.Signals): void {
		this.#child.kill(signal);
	}

	async outcome(): Promise<Outcome> {
		const [code] = (await this.#closed) as [number | null];
		return { code, stdout: this.stdout, stderr: this.stderr };
	}

	/** Sends SIGTERM and waits for the end. */
	async stop(): Promise<Outcome> {
		this.signal("SIGTERM");
		return this.outcome();
	}

	kill(): void {
		this.#child.kill("SIGKILL");
	}
}

/** A temporary folder with a copy of the built package, for flow files and for what runs write. */
export class Workshop {
	readonly root = mkdtempSync(join(tmpdir(), "flowbroker-runtime-"));
	/** The working folder of the commands. */
	readonly cwd = join(this.root, "cwd");
	readonly #package = join(this.root, "package");
	/** The script to run. */
	readonly cli = join(this.#package, "dist/runtime/cli.js");
	readonly #processes: FlowbrokerProcess[] = [];

	/** @param leftOut packages that are not to be found */
	constructor(leftOut: readonly string[] = []) {
		mkdirSync(this.cwd);
		for (const part of ["broker", "migrate", "runtime"]) {
			cpSync(join(project, "dist", part), join(this.#package, "dist", part), { recursive: true });
		}
		mkdirSync(join(this.#package, "node_modules"));
		for (const name of readdirSync(join(project, "node_modules"))) {
			if (leftOut.includes(name)) continue;
			symlinkSync(join(project, "node_modules", name), join(this.#package, "node_modules", name));
		}
		const sets = { "flowbroker-broker": "broker.js" };
		this.write("package/package.json", {
			name: "@flowbroker/node-red",
			version: "1.2.3",
			"node-red": { version: ">=4.1.0", nodes: sets },
		});
		cpSync(join(__dirname, "fixtures/broker.js"), join(this.#package, "broker.js"));
	}

	/** Writes a file below the root; anything but a string as JSON. @returns its path */
	write(path: string, content: unknown): string {
		const file = join(this.root, path);
		mkdirSync(resolve(file, ".."), { recursive: true });
		writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
		return file;
	}

	/** Puts the package with the node type `clumsy` into a data folder. @param folder below the root */
	installClumsy(folder: string): void {
		this.write(`${folder}/package.json`, {});
		const place = `${folder}/node_modules/contrib-clumsy`;
		const nodes = { clumsy: "clumsy.js" };
		this.write(`${place}/package.json`, { name: "contrib-clumsy", version: "1.0.0", "node-red": { nodes } });
		cpSync(join(__dirname, "fixtures/clumsy.js"), join(this.root, place, "clumsy.js"));
	}

	/** Starts `flowbroker` with these arguments. */
	start(args: readonly string[], env: Record<string, string> = {}): FlowbrokerProcess {
		const child = new FlowbrokerProcess(this.cli, args, this.cwd, { HOME: this.cwd, ...env });
		this.#processes.push(child);
		return child;
	}

	/** Runs a command that ends by itself. @param input what stands on its standard input */
	async run(args: readonly string[], env: Record<string, string> = {}, input = ""): Promise<Outcome> {
		const child = this.start(args, env);
		child.type(input);
		return child.outcome();
	}

	/** Runs a command that ends by itself, of the built package itself: with all its nodes and their forms. */
	async runReal(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
		return this.startReal(args, env).outcome();
	}

	/** Starts `flowbroker` of the built package itself. */
	startReal(args: readonly string[], env: Record<string, string> = {}): FlowbrokerProcess {
		const child = new FlowbrokerProcess(join(project, "dist/runtime/cli.js"), args, this.cwd, {
			HOME: this.cwd,
			...env,
		});
		this.#processes.push(child);
		return child;
	}

	/** Ends what a failed test left running and removes the folder. */
	async remove(): Promise<void> {
		for (const child of this.#processes) child.kill();
		await Promise.all(this.#processes.map((child) => child.outcome()));
		rmSync(this.root, { recursive: true });
	}
}
