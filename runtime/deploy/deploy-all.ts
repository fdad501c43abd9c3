/** Deploys a flow to many runtimes: checked by all before the first one runs it. */

import { errorText } from "../error-text";
import type { DeployAnswer, DeployedFile } from "./contract";
import { send } from "./send";
import type { Target } from "./targets";

/** How many are spoken to at the same time. */
const atOnce = 8;

/** `fine`: it would run here, where only a check was asked for; `skipped`: it is fine, but another target was not. */
export type Result = "deployed" | "fine" | "skipped" | "refused" | "failed";

export interface TargetResult {
	readonly url: string;
	readonly result: Result;
	/** Sentences: why, and warnings. */
	readonly details: readonly string[];
}

export interface DeployOptions {
	readonly files: readonly DeployedFile[];
	readonly ca: string | undefined;
	readonly checkOnly: boolean;
	/** Deploy to those that can be deployed to, whatever is with the others. */
	readonly partial: boolean;
}

/** @returns a result for each target, in their order. Never rejects */
export async function deployAll(targets: readonly Target[], options: DeployOptions): Promise<TargetResult[]> {
	const { files, ca, checkOnly, partial } = options;
	const checked = await each(targets, (target) =>
		ask(target, () => send(target, { files, checkOnly: true }, ca), "fine"),
	);
	if (checkOnly) return checked;
	const sound = checked.every(({ result }) => result === "fine");
	if (!sound && !partial) return checked.map((one) => (one.result === "fine" ? { ...one, result: "skipped" } : one));
	return each(targets, async (target, at) => {
		const before = checked[at];
		if (before && before.result !== "fine") return before;
		return ask(target, () => send(target, { files, checkOnly: false }, ca), "deployed");
	});
}

async function ask({ url }: Target, call: () => Promise<DeployAnswer>, good: Result): Promise<TargetResult> {
	try {
		const { findings, error } = await call();
		const warnings = findings.filter(({ severity }) => severity === "warning").map(({ message }) => message);
		if (!error) return { url, result: good, details: warnings };
		return { url, result: error.code === "DEPLOY_REFUSED" ? "refused" : "failed", details: [error.message] };
	} catch (error) {
		return { url, result: "failed", details: [errorText(error)] };
	}
}

/** Some at a time. */
async function each<T, R>(list: readonly T[], work: (one: T, at: number) => Promise<R>): Promise<R[]> {
	const results = new Array<R>(list.length);
	const waiting = [...list.entries()];
	const worker = async () => {
		for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await work(next[1], next[0]);
	};
	await Promise.all(Array.from({ length: atOnce }, worker));
	return results;
}
