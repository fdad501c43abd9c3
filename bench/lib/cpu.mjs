// Processor time and memory of a process, from Linux's /proc.
import { readFileSync } from "node:fs";

/** Clock ticks a second: Linux has 100 on every machine that Node runs on. */
const TICKS = 100;

/** Seconds of processor time, user and system, of all threads. */
export function cpuSeconds(pid) {
	const text = readFileSync(`/proc/${pid}/stat`, "utf8");
	const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
	return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Resident memory in kB. */
export function rssKb(pid) {
	return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
}
