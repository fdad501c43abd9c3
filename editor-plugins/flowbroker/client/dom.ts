/** Makes elements. What is not an element is put in as text and never as HTML. */

export type Child = Node | string | number | null | undefined | false;

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** @param attributes `true` is an attribute without value; `false` and undefined are left out */
export function h<Name extends keyof HTMLElementTagNameMap>(
	name: Name,
	attributes: Attributes = {},
	...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
	const element = document.createElement(name);
	for (const [attribute, value] of Object.entries(attributes)) {
		if (value === undefined || value === false) continue;
		element.setAttribute(attribute, value === true ? "" : String(value));
	}
	element.append(...nodes(children));
	return element;
}

/** An icon of Font Awesome 4, which is in Node-RED. It says nothing to a screen reader. */
export function icon(name: string): HTMLElement {
	return h("i", { class: `fa fa-${name}`, "aria-hidden": "true" });
}

export function replaceChildren(element: Element, ...children: readonly Child[]): void {
	element.replaceChildren(...nodes(children));
}

/** Writes only what has changed, so that a selection stays. */
export function setText(element: Element, text: string | number): void {
	const wanted = String(text);
	if (element.textContent !== wanted) element.textContent = wanted;
}

export function show(element: HTMLElement, visible: boolean): void {
	element.hidden = !visible;
}

function nodes(children: readonly Child[]): (Node | string)[] {
	return children.flatMap((child) => {
		if (child === null || child === undefined || child === false) return [];
		return [child instanceof Node ? child : String(child)];
	});
}
