/** Makes a flow of a mosquitto.conf: a broker, its bridges, and what has to be known of lines that say more. */

import { newId } from "../core-nodes/new-id";
import { type FlowNode, ownTypes } from "../flow-node";
import { type AccessSettings, accessOf, type ListenerAccess } from "./access";
import { bridgeOf, type Login } from "./bridge";
import type { ConfLine, LineRemark } from "./conf-line";
import { limitsOf } from "./limits";
import { type ListenerSettings, listenerOf, reasonFor } from "./listener";
import { logLevelOf } from "./log-level";
import type { Options } from "./options";
import { type Section, sectionsOf } from "./sections";

export interface ConfImport {
	readonly nodes: readonly FlowNode[];
	/** Id of a node -> its user name and password. */
	readonly secrets: Readonly<Record<string, Login>>;
	/** Keys of the configuration file of `flowbroker run`. */
	readonly config: { readonly logLevel?: string };
	/** Messages and sessions are to last over a restart. */
	readonly durable: boolean;
	/** In the order of the files and lines. */
	readonly remarks: readonly LineRemark[];
}

/** Mosquitto's own. */
const queuedMessages = 1_000;

export function importConf(lines: readonly ConfLine[]): ConfImport {
	const remarks: LineRemark[] = [];
	const sections = sectionsOf(lines, (remark) => remarks.push(remark));
	const options = sections.broker;
	const access = accessOf(sections);
	const listeners = listenersOf(sections.listeners, access.broker, access.listeners);
	const limits = limitsOf(options);
	const broker: FlowNode = {
		id: newId("broker", "mosquitto"),
		type: ownTypes.broker,
		name: "Mosquitto's settings",
		kind: "embedded",
		...reachOf(listeners),
		...access.broker,
		...(Object.keys(limits).length > 0 && { limits }),
	};
	const tab: FlowNode = { id: newId("tab", "mosquitto"), type: "tab", label: "Mosquitto", disabled: false, info: "" };
	const bridges = sections.bridges.flatMap((section) => {
		const made = bridgeOf(section, {
			broker: broker.id,
			tab: tab.id,
			queueSize: limits.queuedMessages ?? queuedMessages,
			queueQos0: options.flag("queue_qos0_messages") ?? false,
		});
		return made ? [made] : [];
	});
	const durable = options.flag("persistence") ?? false;
	const logLevel = logLevelOf(options);
	finish(options);
	const order = new Map(lines.map((line, at) => [`${line.file}:${line.line}`, at]));
	const place = ({ file, line }: LineRemark) => order.get(`${file}:${line}`) ?? 0;
	return {
		nodes: [
			tab,
			{ ...commentFor(tab.id), x: 160, y: 60 },
			...bridges.map(({ nodes: [bridge] }, at) => ({ ...bridge, x: 160, y: 140 + 60 * at })),
			broker,
			...bridges.flatMap(({ nodes: [, ...others] }) => others),
		],
		secrets: Object.fromEntries(
			bridges.flatMap(({ nodes: [, remote], login }) => (Object.keys(login).length > 0 ? [[remote.id, login]] : [])),
		),
		config: logLevel === undefined ? {} : { logLevel },
		durable,
		remarks: remarks.sort((one, other) => place(one) - place(other)),
	};
}

function listenersOf(
	sections: readonly Section[],
	broker: AccessSettings,
	each: readonly ListenerAccess[],
): ListenerSettings[] {
	const made = sections.flatMap((section, at) => {
		const { closed, ...access } = each[at] ?? {};
		if (closed) {
			const { head, options } = section;
			if (head)
				options.leaveOut(
					head,
					"the listener is not opened: it has users or rules of its own, and here those of the first listener would hold. Make a second broker for it",
				);
			options.finish(() => "its listener is not opened");
			return [];
		}
		const settings = listenerOf(section, section.head ? `listener ${section.head.value}` : "listener");
		return settings ? [{ section, settings: { ...settings, ...access } as ListenerSettings }] : [];
	});
	const admits = ({ anonymous, tls }: ListenerSettings) =>
		(anonymous ?? broker.anonymous === "yes") === true || (tls as { userFrom?: string } | undefined)?.userFrom;
	// Where any name will do, it will do at every listener that is open.
	if (broker.access !== "any" || !made.some(({ settings }) => admits(settings)))
		return made.map(({ settings }) => settings);
	return made.flatMap(({ section: { head, options }, settings }) => {
		if (admits(settings)) return [settings];
		if (head) options.leaveOut(head, "the listener is not opened: nobody can log in there");
		return [];
	});
}

/** The simple fields of the form where they can say it. */
function reachOf(listeners: readonly ListenerSettings[]): Record<string, unknown> {
	const [only, ...more] = listeners;
	if (!only) return { host: "127.0.0.1", port: 0 };
	const { name: _name, kind, host, port, ...special } = only;
	if (more.length === 0 && kind === "tcp" && Object.keys(special).length === 0) return { host, port };
	return { listeners: JSON.stringify(listeners) };
}

function commentFor(tab: string): FlowNode {
	return {
		id: newId("comment", "mosquitto"),
		type: "comment",
		z: tab,
		name: "Made from mosquitto.conf by flowbroker import",
		info: "The broker is a configuration node: see the sidebar Configuration nodes. Paths of files are those of mosquitto.conf, and the user who runs this flow must be allowed to read them.",
		wires: [],
	};
}

const reasons: Readonly<Record<string, string>> = {
	autosave_interval: "each change is written at once",
	autosave_on_changes: "each change is written at once",
	persistence_file: "the messages are kept in a folder of flowbroker's own",
	persistence_location: "the messages are kept in the folder of --data. What Mosquitto has kept is not read",
	pid_file: "a service does not need it: see flowbroker service",
	sys_interval: "the numbers are published every 10 seconds",
	user: "run it as the user who shall own it",
};

function finish(options: Options): void {
	options.all("per_listener_settings");
	options.finish((name) => {
		if (/^(plugin|auth)_/.test(name)) return "it belongs to a plugin of Mosquitto";
		return reasons[name] || reasonFor(name);
	});
}
