/** Compares version numbers with the simple `>=X.Y.Z` ranges that Node-RED and this package use. */

type Version = readonly [major: number, minor: number, patch: number];

function parseVersion(text: string): Version | undefined {
	const match = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text);
	return match ? [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)] : undefined;
}

/**
 * Tells whether a version reaches the lower limit of a range.
 * @param version for example `v20.20.2`
 * @param range only its first `>=` limit counts; a range without one admits every version, because a runtime that
 *   starts is worth more than a check that it does not understand
 */
export function reachesMinimum(version: string, range: string): boolean {
	const actual = parseVersion(version);
	const limit = parseVersion(/>=\s*([\d.]+)/.exec(range)?.[1] ?? "");
	if (!actual || !limit) return true;
	for (const [index, part] of actual.entries()) {
		const least = limit[index] ?? 0;
		if (part !== least) return part > least;
	}
	return true;
}
