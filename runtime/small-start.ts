/** Keeps the memory of a start small: loading Node-RED makes much that is dropped at once. */

import { setFlagsFromString } from "node:v8";

/** V8's own factor. */
const usualGrowth = 2;

/**
 * V8 gives new objects more and more room while much is made, and keeps that room: some 15 MB for a small flow. Until
 * the flow runs, it is to collect garbage rather; afterwards there is room for many messages again.
 * @returns ends it
 */
export function startSmall(): () => void {
	grow(1);
	return () => grow(usualGrowth);
}

function grow(factor: number): void {
	setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}
