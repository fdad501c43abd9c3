/** Looks whether a service user can reach what the service reads. */

import { stat } from "node:fs/promises";
import { dirname } from "node:path";

const readable = 0o004;
const passable = 0o001;

export function isInHome(path: string): boolean {
	return /^\/(?:home|root)\//.test(path);
}

/** @returns sentences about the first place on each path that somebody who owns nothing of it can't pass or read */
export async function findUnreachable(paths: readonly string[], user: string): Promise<string[]> {
	const found = await Promise.all(paths.map((path) => closedPlace(path)));
	return [...new Set(found.filter((place) => place !== undefined))].map(
		(place) =>
			`The user ${user} can't get at ${place}: move what the service needs to a folder such as /etc/flowbroker, or change the rights.`,
	);
}

async function closedPlace(path: string): Promise<string | undefined> {
	const above = foldersAbove(path);
	for (const [at, place] of [...above, path].entries()) {
		const found = await stat(place).catch(() => undefined);
		if (!found) return place;
		const needed = at < above.length ? passable : readable;
		if ((found.mode & needed) === 0) return place;
	}
	return undefined;
}

/** From the root down. */
function foldersAbove(path: string): string[] {
	const parent = dirname(path);
	return parent === path ? [] : [...foldersAbove(parent), parent];
}
