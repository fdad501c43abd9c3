/** The few things that the forms of all nodes do with their fields. */

/** Field of the form, or undefined while it is not open: Node-RED also validates nodes whose form is closed. */
export function field(id: string): HTMLInputElement | HTMLSelectElement | undefined {
	const element = document.getElementById(id);
	return element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? element : undefined;
}

export function show(id: string, visible: boolean): void {
	const element = document.getElementById(id);
	if (element) element.style.display = visible ? "" : "none";
}

/** Calls back whenever one of the fields is changed, and once now. */
export function onChange(ids: readonly string[], react: () => void): void {
	for (const id of ids) {
		field(id)?.addEventListener("input", react);
		field(id)?.addEventListener("change", react);
	}
	react();
}
