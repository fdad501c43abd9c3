/** Editor half of the config node: shows the fields of the chosen kind, and says in words what settings mean. */

import { prepareCertificateFiles } from "../editor/broker-form/certificate-files";
import { prepareConnectionTest } from "../editor/broker-form/connection-test";
import { fillLimits, takeLimits, type WithLimits } from "../editor/broker-form/limits";
import { unfoldChanged } from "../editor/broker-form/sections";
import { field, onChange, show } from "../editor/form";
import { type Extras, fillExtras, takeExtras } from "../editor/message-extras";
import type { Verdict } from "../editor/validate";

export { limits } from "../editor/broker-form/limits";
export { decimal, jsonObject, port, topicName, whole } from "../editor/validate";

/** A node of the editor, as far as it is looked at here. */
interface Stored extends Extras, WithLimits {
	readonly id?: string;
	readonly kind?: string;
	readonly host?: string;
	readonly broker?: string;
	readonly port?: string | number;
	readonly clientid?: string;
	/** What the type was registered with. */
	readonly _def?: { readonly defaults: Readonly<Record<string, { readonly value?: unknown }>> };
	readonly [name: string]: unknown;
}

const kindChoice = "flowbroker-broker-kind";
const reachFields = ["host", "anonymous"].map(inputId);

export function prepare(node: Stored): void {
	fillMissing(node);
	const choice = field(kindChoice);
	if (choice) choice.value = isVariable(node.kind) ? "variable" : (node.kind ?? "embedded");
	onChange([kindChoice], showKind);
	onChange(reachFields, showReach);
	onChange([inputId("access")], () => show("flowbroker-broker-files", valueIn("access", node) === "mosquitto"));
	onChange(["tlsPort", "wssPort"].map(inputId), () =>
		show(
			"flowbroker-broker-certificate",
			["tlsPort", "wssPort"].some((name) => valueIn(name, node) !== ""),
		),
	);
	onChange([inputId("usetls"), inputId("tls"), inputId("verifyservercert")], showTls);
	onChange([inputId("cleansession")], () => show("flowbroker-broker-session", !isChecked("cleansession", node)));
	onChange([inputId("protocolVersion")], () =>
		showAll("flowbroker-broker-mqtt5", valueIn("protocolVersion", node) === "5"),
	);
	fillExtras(node);
	fillLimits(node);
	onChange([inputId("durability")], () => {
		for (const each of ["each", "interval", "none"]) {
			show(`flowbroker-broker-durability-${each}`, valueIn("durability", node) === each);
		}
	});
	prepareCertificateFiles(node.id ?? "");
	prepareConnectionTest(node.id ?? "", Object.keys(node._def?.defaults ?? {}));
	for (const form of ["embedded", "remote"]) {
		unfoldChanged(`flowbroker-broker-${form}`, (property) => isUsual(property, node));
	}
}

/** Before the form is stored. */
export function save(node: Stored): void {
	const choice = field(kindChoice)?.value;
	const kind = field(inputId("kind"));
	if (kind && choice && choice !== "variable") kind.value = choice;
	takeExtras(node);
	takeLimits(node);
}

export function label({ kind, host, broker, port, clientid }: Stored): string {
	if (kind !== "remote") return `broker ${host || "127.0.0.1"}:${port === "" ? 1883 : port}`;
	const server = broker?.includes("://") || port === "" ? broker : `${broker || "localhost"}:${port}`;
	return clientid ? `${clientid}@${server}` : `${server}`;
}

export function kind(value: string): Verdict {
	const chosen = field(kindChoice)?.value;
	if (chosen && chosen !== "variable") return true;
	return isVariable(value) || /^(|embedded|remote)$/.test(value ?? "")
		? true
		: "embedded, remote or an environment variable";
}

/** One of Mosquitto's two files is enough, but one there must be. */
export function file(value: string, node: Stored): Verdict {
	if (kindOf(node) !== "embedded" || valueIn("access", node) !== "mosquitto" || value) return true;
	return valueIn("passwordFile", node) || valueIn("aclFile", node) ? true : "a password file, an ACL file or both";
}

/** A list as JSON, in which a variable may stand for anything. */
export function listeners(value: string): Verdict {
	if (!value) return true;
	try {
		if (Array.isArray(JSON.parse(value.replace(/\$\{[^}]+\}/g, "0")))) return true;
	} catch {
		// Said below.
	}
	return 'a JSON list, as in [{"kind": "tls", "host": "0.0.0.0", "port": 8883}]';
}

export function webPath(value: string): Verdict {
	return !value || isVariable(value) || /^\/[^\s?#]*$/.test(value) ? true : "a path that starts with /, such as /mqtt";
}

/** A port with TLS needs both files, or a TLS configuration. */
export function certificate(value: string, node: Stored): Verdict {
	const secure = ["tlsPort", "wssPort"].some((name) => !["", undefined].includes(valueIn(name, node) as string));
	if (kindOf(node) !== "embedded" || !secure || value) return true;
	const other = valueIn("certFile", node) || valueIn("keyFile", node);
	const configured = !["", "_ADD_", undefined].includes(valueIn("serverTls", node) as string);
	return configured && !other ? true : "the paths of certificate and key, or a TLS configuration";
}

export function server(value: string, node: Stored): Verdict {
	return kindOf(node) !== "remote" || value ? true : "the address of the broker, such as mqtt.local";
}

export function clientId(value: string, node: Stored): Verdict {
	if (kindOf(node) !== "remote" || value || isChecked("cleansession", node)) return true;
	return "a client id: without one the broker can't find the session again";
}

/** Flows that were made by hand, or before a property existed, lack some: an empty form would store the opposite. */
function fillMissing(node: Stored): void {
	for (const [name, { value }] of Object.entries(node._def?.defaults ?? {})) {
		const input = field(inputId(name));
		if (!input || node[name] !== undefined) continue;
		if (input instanceof HTMLInputElement && input.type === "checkbox") input.checked = value === true;
		else if (typeof value !== "object") input.value = String(value);
	}
}

function isUsual(property: string, node: Stored): boolean {
	const usual = node._def?.defaults[property]?.value;
	const value = node[property];
	if (value === undefined || value === "_ADD_") return true;
	return typeof usual === "object" ? JSON.stringify(value) === JSON.stringify(usual) : String(value) === String(usual);
}

function showKind(): void {
	const chosen = field(kindChoice)?.value;
	show("flowbroker-broker-kind-variable", chosen === "variable");
	for (const id of ["host", "embedded"]) show(`flowbroker-broker-${id}`, chosen !== "remote");
	for (const id of ["server", "remote"]) show(`flowbroker-broker-${id}`, chosen !== "embedded");
}

function showReach(): void {
	const [host = "", anonymous] = reachFields.map((id) => field(id)?.value.trim());
	const reach = reachOf(host);
	const open = anonymous === "yes" || (anonymous === "auto" && reach === "machine");
	show("flowbroker-broker-tip-machine", reach === "machine");
	show("flowbroker-broker-tip-network", reach === "network" && !open);
	show("flowbroker-broker-tip-open", reach === "network" && open);
}

function showTls(): void {
	const chosen = valueIn("tls", {});
	const own = !chosen || chosen === "_ADD_";
	show("flowbroker-broker-tls", isChecked("usetls", {}));
	show("flowbroker-broker-verify", own);
	show("flowbroker-broker-tip-unverified", isChecked("usetls", {}) && own && !isChecked("verifyservercert", {}));
}

function showAll(className: string, visible: boolean): void {
	for (const element of document.querySelectorAll<HTMLElement>(`.${className}`)) {
		element.style.display = visible ? "" : "none";
	}
}

/** An environment variable is not known here: nothing is said then. */
function reachOf(host: string): "machine" | "network" | "unknown" {
	if (isVariable(host)) return "unknown";
	return /^(|localhost|::1|127(\.\d{1,3}){3})$/i.test(host) ? "machine" : "network";
}

function kindOf(node: Stored): string {
	return field(kindChoice)?.value ?? node.kind ?? "embedded";
}

/** As it stands in the open form, else as it is stored. */
function valueIn(name: string, node: Stored): unknown {
	return field(inputId(name))?.value ?? node[name];
}

function isChecked(name: string, node: Stored): boolean {
	const input = field(inputId(name));
	return input instanceof HTMLInputElement ? input.checked : node[name] !== false;
}

function inputId(name: string): string {
	return `node-config-input-${name}`;
}

function isVariable(text: unknown): boolean {
	return String(text ?? "").includes("${");
}
