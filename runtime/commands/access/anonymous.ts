/** `flowbroker access anonymous`: whether clients without user name are let in. */

import type { Command } from "../../command";
import { locationOptions, locationUsage } from "../common/location";
import { count, say } from "../common/print";
import { withAccess } from "../common/with-access";
import { oneWord, usage } from "../common/words";

export const setAnonymous: Command = {
	name: "access anonymous",
	summary: "let clients without user name in, or not",
	usage: `on|off ${locationUsage}`,
	help: `Lets clients in that give no user name, or keeps them out. What they may do is said by the rules for
--anonymous. The broker's own setting, and those of its listeners, can keep them out too.`,
	options: locationOptions,
	examples: [
		"flowbroker access anonymous off --data /home/pi/home",
		"flowbroker access anonymous on --data /home/pi/home",
	],
	run: async (call) => {
		const word = oneWord(call, "access anonymous", "on or off");
		if (word !== "on" && word !== "off") throw usage("Say on or off.", "access anonymous");
		const enabled = word === "on";
		await withAccess(call, "make", async ({ store }) => {
			await store.setAnonymous({ enabled });
			const rules = count(store.anonymous.rules.length, "rule");
			say(`Clients without user name are ${enabled ? `let in, with ${rules}` : "not let in"}.`);
		});
	},
};
