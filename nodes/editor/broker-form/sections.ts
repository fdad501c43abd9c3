/** Sections of a form that are folded while all in them is as usual. */

/** @param isUsual is the value of that property the one that a new node has? */
export function unfoldChanged(form: string, isUsual: (property: string) => boolean): void {
	for (const section of document.querySelectorAll<HTMLDetailsElement>(`#${form} details`)) {
		const ids = [...section.querySelectorAll("[id^=node-config-input-]")].map(({ id }) => id);
		// A limit or a part of a birth message belongs to the property before its dash.
		const properties = ids.map((id) => id.slice("node-config-input-".length).split("-")[0] as string);
		if (properties.some((property) => !isUsual(property))) section.open = true;
	}
}
