/** Who may log in and do what: Mosquitto's own files are used as they are. */

import type { Options } from "./options";
import type { Sections } from "./sections";

/** Properties of the broker's node. */
export interface AccessSettings {
	readonly access: "users" | "mosquitto" | "any";
	readonly anonymous: "yes" | "no";
	readonly passwordFile: string;
	readonly aclFile: string;
}

interface Said {
	readonly passwordFile: string | undefined;
	readonly aclFile: string | undefined;
	readonly anonymous: boolean | undefined;
	/** Something else decides, which is not known here. */
	readonly plugin: boolean;
}

/** What the settings of one listener need beside its own. */
export interface ListenerAccess {
	readonly anonymous?: boolean;
	/** It must not be opened: with the users of another listener it would let in whom the file does not name. */
	readonly closed?: true;
}

export interface Access {
	readonly broker: AccessSettings;
	/** In the order of the listeners. */
	readonly listeners: readonly ListenerAccess[];
}

export function accessOf({ broker, listeners, perListener }: Sections): Access {
	// Without any listener in the file Mosquitto is for this machine, and lets everybody in.
	const alone = listeners.every(
		({ head, options }) =>
			head === undefined && options.line("port") === undefined && options.line("bind_address") === undefined,
	);
	if (!perListener) {
		const said = readAccess(broker);
		return { broker: settingsOf(said, said.anonymous ?? alone), listeners: listeners.map(() => ({})) };
	}
	const each = listeners.map(({ options }) => readAccess(options));
	const leading = each.find(({ passwordFile, aclFile, plugin }) => passwordFile || aclFile || plugin) ?? each[0];
	if (!leading) return { broker: settingsOf(readAccess(broker), false), listeners: [] };
	return {
		broker: settingsOf(leading, false),
		listeners: each.map((said, at) => {
			const { options, head } = listeners[at] as Sections["listeners"][number];
			const anonymous = said.anonymous ?? alone;
			const same = said.passwordFile === leading.passwordFile && said.aclFile === leading.aclFile;
			if (same) return { anonymous };
			if (said.passwordFile === undefined && said.aclFile === undefined) {
				options.change(head, "the password file and the ACL file of the other listener hold here, too");
				return { anonymous };
			}
			return { closed: true };
		}),
	};
}

function readAccess(options: Options): Said {
	const plugins = [...options.all("plugin"), ...options.all("auth_plugin")];
	for (const line of plugins) {
		options.leaveOut(
			line,
			"plugins of Mosquitto do not work here. Add the users in the sidebar or with: flowbroker user add",
		);
	}
	return {
		passwordFile: options.text("password_file"),
		aclFile: options.text("acl_file"),
		anonymous: options.flag("allow_anonymous"),
		plugin: plugins.length > 0,
	};
}

function settingsOf({ passwordFile, aclFile, plugin }: Said, anonymous: boolean): AccessSettings {
	const files = { passwordFile: passwordFile ?? "", aclFile: aclFile ?? "" };
	// What a plugin allowed is not known: nobody gets in before users are added.
	if (plugin && !passwordFile && !aclFile) return { access: "users", anonymous: "no", ...files };
	if (passwordFile || aclFile) return { access: "mosquitto", anonymous: anonymous ? "yes" : "no", ...files };
	return { access: "any", anonymous: anonymous ? "yes" : "no", ...files };
}
