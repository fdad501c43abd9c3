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
	onChange(["node-config-input-access"], () => {
		show("flowbroker-broker-files", field("node-config-input-access")?.value === "mosquitto");
	});
}

/** One of Mosquitto's two files is enough, but one there must be. */
export function file(value: string, node: { access: string; passwordFile: string; aclFile: string }): boolean | string {
	const access = field("node-config-input-access")?.value ?? node.access;
	if (access !== "mosquitto" || value) return true;
	const other = (name: "passwordFile" | "aclFile") => field(`node-config-input-${name}`)?.value ?? node[name];
	return other("passwordFile") || other("aclFile") ? true : "a password file, an ACL file or both";
}

/** An environment variable is not known here: nothing is said then. */
function reachOf(host: string): "machine" | "network" | "unknown" {
	if (host.includes("${")) return "unknown";
	return /^(|localhost|::1|127(\.\d{1,3}){3})$/i.test(host) ? "machine" : "network";
}
