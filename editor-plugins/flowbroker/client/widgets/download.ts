/** Hands a text to the browser as a file to be saved. */

import { h } from "../dom";

export function download(name: string, text: string, type: "application/json" | "text/plain"): void {
	const address = URL.createObjectURL(new Blob([text], { type }));
	const link = h("a", { href: address, download: name, class: "flowbroker-off-screen" });
	document.body.append(link);
	link.click();
	link.remove();
	// The browser has taken it by then, also a slow one.
	setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** As in `home-2026-11-21`: a name that every system takes. */
export function fileName(...parts: readonly string[]): string {
	const today = new Date().toLocaleDateString("sv-SE");
	return [...parts, today].map((part) => part.replace(/[^\p{L}\p{N}.-]+/gu, "-")).join("-");
}
