/** `flowbroker user add`: adds a user with a password. */

import { type access, FlowbrokerError } from "../../../broker";
import type { Command, CommandCall } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { type NewPassword, newPassword, passwordForm, passwordHelp, passwordOptions } from "../common/new-password";
import { refusedPasswords, userWord } from "../common/password-words";
import { say } from "../common/print";
import { withAccess } from "../common/with-access";

export const addUser: Command = {
	name: "user add",
	summary: "add a user",
	usage: `NAME ${locationUsage}`,
	help: `Adds a user. A broker that runs takes the user over at once.\n\n${passwordHelp}`,
	options: {
		...passwordOptions,
		"no-password": { help: "add a user who can't log in until a password is set" },
		group: { value: "GROUP", help: "put the user into this group" },
		"client-id": { value: "ID", help: "let the user log in with this client id only" },
		expires: { value: "DATE", help: "let the user log in until this date only, as in 2027-01-31" },
		note: { value: "TEXT", help: "a note for people" },
		...locationOptions,
	},
	refused: refusedPasswords,
	examples: [
		"flowbroker user add rajan --data /home/pi/home",
		"flowbroker user add thermometer --generate --group sensors --data /home/pi/home",
		"pass show mqtt/rajan | flowbroker user add rajan --password-stdin --data /home/pi/home",
	],
	run: async (call) => {
		const name = userWord(call, "user add");
		await withAccess(call, "make", async ({ store }) => {
			// Before anybody is asked for a password.
			if (store.user(name)) throw exists(name);
			const password = await passwordOf(call, name);
			await store.addUser(name, password?.text ?? null, changeOf(call), passwordForm(call));
			say(`The user "${name}" was added${password ? "" : ", without a password"}.`);
			if (password?.generated) say(`Password, shown only now: ${password.text}`);
		});
	},
};

/** @returns `null` for no password */
async function passwordOf(call: CommandCall, name: string): Promise<NewPassword | null> {
	if (!call.switches.has("no-password")) return newPassword(call, name);
	if (!call.switches.has("generate") && !call.switches.has("password-stdin")) return null;
	throw new FlowbrokerError("USAGE", "--no-password goes with neither --generate nor --password-stdin.");
}

function changeOf({ values: { group, "client-id": clientId, expires, note } }: CommandCall): access.UserChange {
	return {
		...(group !== undefined && { groups: [group] }),
		...(clientId !== undefined && { clientIds: [clientId] }),
		...(expires !== undefined && { expires }),
		...(note !== undefined && { note }),
	};
}

function exists(name: string): FlowbrokerError {
	const sentence = `There is a user "${name}" already: choose another name, or give this one a new password with "flowbroker user passwd".`;
	return new FlowbrokerError("USER_EXISTS", sentence);
}
