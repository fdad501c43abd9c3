/** Editor half of the config node: says in words what the settings mean for who can reach the broker. */

import { field, onChange, show } from "../editor/form";

export { port } from "../editor/validate";

const fields = ["node-config-input-host", "node-config-input-anonymous"] as const;

export function prepare(): void {
	onChange(fields, () => {
		const [host, anonymous] = fields.map((id) => field(id)?.value.trim() ?? "");
		const reach = reachOf(host ?? "");
		const open = anonymous === "yes" || (anonymous === "auto" && reach === "machine");
		show("flowbroker-broker-tip-machine", reach === "machine");
		show("flowbroker-broker-tip-network", reach === "network" && !open);
		show("flowbroker-broker-tip-open", reach === "network" && open);
	});
}

/** An environment variable is not known here: nothing is said then. */
function reachOf(host: string): "machine" | "network" | "unknown" {
	if (host.includes("${")) return "unknown";
	return /^(|localhost|::1|127(\.\d{1,3}){3})$/i.test(host) ? "machine" : "network";
}
