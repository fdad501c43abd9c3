/** Notifications and questions, with the part of Node-RED's `RED.notify` that is used. */

import { h } from "../dom";

interface NotifyOptions {
	readonly type?: "success" | "warning" | "error";
	readonly modal?: boolean;
	/** It stays until it is closed. */
	readonly fixed?: boolean;
	readonly buttons?: ReadonlyArray<{ readonly text: string; readonly class?: string; click(): void }>;
}

/** Milliseconds that a notification is shown. */
const shown = 5_000;

export function notify(message: HTMLElement, options: NotifyOptions): { close(): void } {
	const buttons = (options.buttons ?? []).map(({ text, class: kind = "", click }) => {
		const button = h("button", { type: "button", class: `red-ui-button ${kind}` }, text);
		button.addEventListener("click", click);
		return button;
	});
	const box = h("div", { class: "standalone-notice", "data-type": options.type, role: "status" }, message);
	if (buttons.length > 0) box.append(h("div", { class: "standalone-buttons" }, ...buttons));
	const element = options.modal ? h("div", { class: "standalone-shade" }, box) : box;
	document.body.append(element);
	const close = () => element.remove();
	if (!options.fixed) setTimeout(close, shown);
	return { close };
}
