/** Plays a page of commands as its reader does: one terminal for each command that goes on, all with ports of the test's own. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LookOut } from "./look-out";

const root = join(__dirname, "../..");

export interface Step {
	readonly kind: "sh" | "text";
	readonly text: string;
}

export interface Section {
	readonly title: string;
	readonly steps: readonly Step[];
}

/** The sections of a page that have commands. */
export function sectionsOf(page: string): Section[] {
	const parts = readFileSync(join(root, page), "utf8").split(/^## /m).slice(1);
	return parts
		.map((part) => ({
			title: part.slice(0, part.indexOf("\n")),
			steps: [...part.matchAll(/^```(sh|text)\n([\s\S]*?)\n```$/gm)].map(([, kind, text]): Step => {
				return { kind: kind as Step["kind"], text: text as string };
			}),
		}))
		.filter(({ steps }) => steps.length > 0);
}

/**
 * Stands in the path as `flowbroker`: the usual ports become those of the test, and a subscriber in the background tells
 * when it has subscribed.
 */
const stand = `#!/bin/bash
args=()
port=1
for word in "$@"; do
	[ "$word" = 8883 ] && word="$(cat tls.port)"
	[ "$word" = -p ] && port=
	args+=("$word")
done
case "$1" in
	pub | sub) [ -n "$port" ] && args+=(-p "$(cat mqtt.port)") ;;
	health) args+=(--port "$(cat mqtt.port)") ;;
	run) args+=(--port 0) ;;
esac
[ "$1" = sub ] && [ -n "$BACKGROUND" ] && args+=(-d)
exec ${JSON.stringify(process.execPath)} ${JSON.stringify(join(root, "dist/runtime/cli.js"))} "\${args[@]}"
`;

class Terminal {
	readonly #child: ChildProcess;
	readonly #lookOut = new LookOut();
	readonly #closed: Promise<number | null>;
	output = "";
	ended = false;

	constructor(command: string, folder: string, background: boolean) {
		const path = `${folder}/bin:${process.env.PATH}`;
		const env = { ...process.env, PATH: path, TLS_PORT: "0", ...(background && { BACKGROUND: "1" }) };
		// A group of its own: what the command leaves behind ends with it.
		this.#child = spawn("bash", ["-c", command], { cwd: folder, env, detached: true });
		const heard = (data: Buffer) => {
			this.output += data;
			this.#lookOut.changed();
		};
		this.#child.stdout?.on("data", heard);
		this.#child.stderr?.on("data", heard);
		this.#closed = once(this.#child, "close").then(([code]) => {
			this.ended = true;
			this.#lookOut.changed();
			return code as number | null;
		});
	}

	/** What a reader sees: without the lines that tell the test when a subscriber is ready. */
	get shown(): string {
		const lines = this.output.split("\n");
		return lines.filter((line) => line !== "" && !/^(Client|Subscribed) /.test(line)).join("\n");
	}

	async until(fits: (terminal: Terminal) => boolean): Promise<void> {
		await this.#lookOut.until(() => fits(this) || this.ended || undefined);
		if (!fits(this)) throw new Error(`ended before:\n${this.output}`);
	}

	/** @returns its exit code */
	end(): Promise<number | null> {
		return this.#closed;
	}

	async stop(signal: NodeJS.Signals): Promise<void> {
		const { pid } = this.#child;
		try {
			if (pid !== undefined) process.kill(-pid, signal);
		} catch {
			// Nothing of it is left.
		}
		await this.#closed;
	}
}

/** @returns what went otherwise than the page says: pairs of what it shows and what was seen */
export async function play({ steps }: Section): Promise<Array<{ readonly page: string; readonly seen: string }>> {
	const folder = mkdtempSync(join(tmpdir(), "flowbroker-tutorial-"));
	symlinkSync(join(root, "flows"), join(folder, "flows"));
	symlinkSync(folder, join(folder, "bin"));
	writeFileSync(join(folder, "flowbroker"), stand);
	chmodSync(join(folder, "flowbroker"), 0o755);
	const open: Terminal[] = [];
	const results: Array<{ page: string; seen: string }> = [];
	let foreground = "";
	let listener: Terminal | undefined;
	try {
		for (const { kind, text } of steps) {
			if (kind === "text") {
				if (foreground === "") await listener?.until(({ shown }) => linesIn(shown) >= linesIn(text));
				results.push({ page: text, seen: foreground || (listener?.shown ?? "") });
				continue;
			}
			// Two brokers don't go on the same folder: the reader has pressed Ctrl-C before.
			if (/^flowbroker (run|store) /m.test(text)) {
				for (const terminal of open.splice(0).reverse()) await terminal.stop("SIGTERM");
				listener = undefined;
			}
			if (/^flowbroker run /m.test(text)) {
				const broker = new Terminal(text, folder, true);
				open.push(broker);
				await broker.until(({ output }) => output.includes("is running"));
				tellPorts(broker.output, folder);
			} else if (goesOn(text)) {
				const terminal = new Terminal(text, folder, true);
				open.push(terminal);
				await terminal.until(({ output }) => /^Subscribed /m.test(output));
				listener ??= terminal;
			} else {
				const terminal = new Terminal(text, folder, false);
				const code = await terminal.end();
				if (code !== 0) throw new Error(`exit code ${code}: ${text}\n${terminal.output}`);
				foreground = answers(text) ? (terminal.shown.split("\n").at(-1) ?? "") : "";
			}
		}
	} finally {
		for (const terminal of open.reverse()) await terminal.stop("SIGTERM");
		rmSync(folder, { recursive: true, force: true });
	}
	return results;
}

function linesIn(text: string): number {
	return text === "" ? 0 : text.split("\n").length;
}

/** A command whose last line is what the page shows next. */
function answers(command: string): boolean {
	return / -C 1|\|\| echo|^flowbroker (health|check|rule test)/.test(command);
}

/** A subscriber that nothing ends. */
function goesOn(command: string): boolean {
	return /^(FLOWBROKER_PASSWORD='[^']+' )?flowbroker sub /.test(command) && !/ -(C|E)\b/.test(command);
}

function tellPorts(output: string, folder: string): void {
	const [mqtt] = /MQTT on 127\.0\.0\.1:(\d+)/.exec(output)?.slice(1) ?? [];
	const [tls] = /TLS on 127\.0\.0\.1:(\d+)/.exec(output)?.slice(1) ?? [];
	writeFileSync(join(folder, "mqtt.port"), mqtt ?? "");
	writeFileSync(join(folder, "tls.port"), tls ?? "");
}
