/** "Test connection": the server tries the settings that stand in the form, stored or not. */

import { field, show } from "../form";
import { ask, mayChange } from "../node-red";

/** What Node-RED shows in place of a password that is stored. */
const STORED = "__PWRD__";

/**
 * @param id of the config node
 * @param names the properties that have a field
 */
export function prepareConnectionTest(id: string, names: readonly string[]): void {
	const button = document.getElementById("flowbroker-broker-test");
	const result = document.getElementById("flowbroker-broker-test-result");
	show("flowbroker-broker-test-row", mayChange());
	if (!(button instanceof HTMLButtonElement) || !result) return;
	const showOnly = (part: "busy" | "ok" | "failed") => {
		for (const each of ["busy", "ok", "failed"]) show(`flowbroker-broker-test-${each}`, each === part);
	};
	button.addEventListener("click", () => {
		button.disabled = true;
		result.textContent = "";
		showOnly("busy");
		const password = field("node-config-input-password")?.value ?? "";
		const login = {
			user: field("node-config-input-user")?.value ?? "",
			...(password !== STORED && { password }),
		};
		ask<{ server: string; milliseconds: number }>("test-connection", { id, properties: settings(names), login })
			.then(
				({ server, milliseconds }) => {
					showOnly("ok");
					result.textContent = `${server}, ${milliseconds} ms`;
				},
				(error: Error) => {
					showOnly("failed");
					result.textContent = error.message;
				},
			)
			.finally(() => {
				button.disabled = false;
			});
	});
}

/** As the form holds them now. */
function settings(names: readonly string[]): Record<string, unknown> {
	const values = names.flatMap((name) => {
		const input = field(`node-config-input-${name}`);
		if (!input) return [];
		if (input instanceof HTMLInputElement && input.type === "checkbox") return [[name, input.checked]];
		// A field for another node holds this where none is chosen.
		return [[name, input.value === "_ADD_" ? "" : input.value]];
	});
	return Object.fromEntries(values);
}
