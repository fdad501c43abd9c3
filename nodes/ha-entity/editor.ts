/** Editor half of the Home Assistant entity: shows the fields that the chosen kind of entity has. */

import { field, onChange, show } from "../editor/form";
import { jsonObject, topicName, type Verdict } from "../editor/validate";

export { jsonObject, topicName as topic };

export function prepare(): void {
	onChange(["node-input-component"], () => {
		const component = field("node-input-component")?.value ?? "";
		show("flowbroker-ha-entity-trigger", component === "device_automation");
		show(
			"flowbroker-ha-entity-class",
			["binary_sensor", "button", "cover", "number", "sensor", "switch"].includes(component),
		);
		show("flowbroker-ha-entity-unit", ["number", "sensor"].includes(component));
		show("flowbroker-ha-entity-icon", component !== "device_automation");
		show("flowbroker-ha-entity-echo", ["climate", "cover", "light", "number", "switch"].includes(component));
	});
}

/** Letters a to z, digits, _ and -; or nothing, or with a variable. */
export function id(value: unknown): Verdict {
	const text = String(value ?? "").replace(/\$\{[^}]+\}/g, "variable");
	return text === "" || /^[\w-]+$/.test(text) ? true : "an id may have only letters a to z, digits, _ and -";
}
