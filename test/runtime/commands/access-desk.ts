/** Runs commands about one access file, in a folder of its own. */

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { access } from "../../../broker";
import { type FlowbrokerProcess, type Outcome, Workshop } from "../flowbroker-process";

/** Commands of two words need no quotes in a test: `rule test --user rajan publish garden/door`. */
type Line = string | readonly string[];

export class AccessDesk {
	readonly workshop = new Workshop();
	readonly file = join(this.workshop.root, "access/access.json");

	/** Runs `flowbroker` with the words and `--file`. @param input on the standard input */
	run(line: Line, input = ""): Promise<Outcome> {
		return this.workshop.run([...wordsOf(line), "--file", this.file], {}, input);
	}

	start(line: Line): FlowbrokerProcess {
		return this.workshop.start([...wordsOf(line), "--file", this.file]);
	}

	/** Runs a command that is to succeed. @returns its standard output */
	async succeed(line: Line, input = ""): Promise<string> {
		const { code, stdout, stderr } = await this.run(line, input);
		if (code !== 0) throw new Error(`flowbroker ${line} ended with ${code}:\n${stdout}\n${stderr}`);
		return stdout;
	}

	/** What is in the file. */
	document(): access.AccessDocument {
		return JSON.parse(this.text()) as access.AccessDocument;
	}

	text(): string {
		return readFileSync(this.file, "utf8");
	}

	/** Puts this in the place of the file; nothing removes it. */
	put(document: object | undefined): void {
		if (document === undefined) rmSync(this.file, { force: true });
		else this.workshop.write("access/access.json", { version: 1, ...document });
	}

	remove(): Promise<void> {
		return this.workshop.remove();
	}
}

function wordsOf(line: Line): readonly string[] {
	return typeof line === "string" ? line.split(" ") : line;
}
