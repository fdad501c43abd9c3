/** Statements without a test, each with the reason. */

import type { StandardVersion } from "./statements";

const CLIENT = "binds clients alone";

/** Gives the same reason to several. */
function because(reason: string, numbers: string): Record<string, string> {
	return Object.fromEntries(numbers.split(" ").map((number) => [number, reason]));
}

export const notTested: Readonly<Record<StandardVersion, Readonly<Record<string, string>>>> = {
	4: {
		...because(CLIENT, "2.3.1-2 2.3.1-3 3.1.2-23 4.5.0-2 6.0.0-3 7.1.2-1"),
		...because("about servers without wildcards in filters; this one has them", "3.8.3-2"),
		...because("about errors of the server's own that pass by; there is no way to make one from outside", "4.8.0-2"),
		...because(
			"about the connections that this package makes to other brokers: tested in test/nodes/remote",
			"7.0.0-1",
		),
		...because("about the whole: every other test shows it, none uses an extension", "7.0.0-2"),
	},
	5: {
		...because(CLIENT, "3.1.2-20 3.1.2-21 3.1.2-30 3.2.2-4 3.2.2-5 3.2.2-11 3.2.2-14 3.2.2-18 3.2.2-21 3.3.2-10"),
		...because(CLIENT, "3.3.4-8 4.5.0-2 4.6.0-2 4.6.0-3 4.6.0-4 6.0.0-3"),
		...because("about servers without QoS 1 or 2; this one has them", "3.2.2-10 3.2.2-12"),
		...because("about servers without retained messages; this one has them", "3.2.2-13"),
		...because("the broker sends neither reasons nor user properties in AUTH", "3.15.2-2 3.15.2-3"),
	},
};
