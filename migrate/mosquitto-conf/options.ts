/** The lines of one part of a mosquitto.conf: what is read is ticked off, so that nothing gets lost without a word. */

import { type ConfLine, type LineRemark, remarkOn } from "./conf-line";

export class Options {
	readonly #lines: ConfLine[] = [];
	readonly #read = new Set<ConfLine>();

	/** @param report told of each line that is not, or not quite, taken over */
	constructor(private readonly report: (remark: LineRemark) => void) {}

	add(line: ConfLine): void {
		this.#lines.push(line);
	}

	/** All lines of that name. */
	all(name: string): ConfLine[] {
		const found = this.#lines.filter((line) => line.name === name);
		for (const line of found) this.#read.add(line);
		return found;
	}

	/** The last line of that name counts. */
	line(name: string): ConfLine | undefined {
		return this.all(name).at(-1);
	}

	text(name: string): string | undefined {
		const value = this.line(name)?.value;
		return value === "" ? undefined : value;
	}

	/** As Mosquitto reads it: `1` and `true`, `0` and `false`. */
	flag(name: string): boolean | undefined {
		const line = this.line(name);
		if (!line) return undefined;
		if (/^(1|true)$/i.test(line.value)) return true;
		if (/^(0|false)$/i.test(line.value)) return false;
		this.leaveOut(line, "it must be true or false");
		return undefined;
	}

	/** A whole number, also a negative one. */
	number(name: string): number | undefined {
		const line = this.line(name);
		if (!line) return undefined;
		if (/^-?\d+$/.test(line.value)) return Number(line.value);
		this.leaveOut(line, "it must be a number");
		return undefined;
	}

	leaveOut(line: ConfLine, reason: string): void {
		this.#read.add(line);
		this.report(remarkOn(line, "left out", reason));
	}

	/** Something stands for the line that is not the same. */
	change(line: ConfLine | undefined, reason: string): void {
		if (!line) return;
		this.#read.add(line);
		this.report(remarkOn(line, "changed", reason));
	}

	/** Leaves out all lines of the names that are there. */
	leaveOutAll(names: readonly string[], reason: string): void {
		for (const name of names) for (const line of this.all(name)) this.leaveOut(line, reason);
	}

	/** Tells of every line that nobody has read. @param why by name, or for all others */
	finish(why: (name: string) => string): void {
		for (const line of this.#lines) if (!this.#read.has(line)) this.leaveOut(line, why(line.name));
	}
}
