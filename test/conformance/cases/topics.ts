/** Chapter 4.7: topic names and topic filters. */

import { expect } from "@jest/globals";
import { both, type Case, type Chapter } from "../case";

/** Which topics a filter selects; `~` stands for the case's own name. */
const rows: readonly (readonly [filter: string, yes: readonly string[], no: readonly string[]])[] = [
	["~/#", ["~", "~/", "~/a", "~/a/b/c", "~//"], ["~a", "x~/a"]],
	["~/+", ["~/", "~/a"], ["~", "~/a/b", "~/a/"]],
	["~/+/c", ["~/a/c", "~//c"], ["~/c", "~/a/b/c", "~/a/c/"]],
	["~/+/+", ["~/a/b", "~//", "~/a/"], ["~/a", "~/a/b/c"]],
	["~/+/#", ["~/a", "~/a/b", "~/"], ["~"]],
	["~/a", ["~/a"], ["~/A", "~/a/", "~//a", "/~/a", "~/ a"]],
	["~/ä", ["~/ä"], ["~/a\u0308", "~/Ä"]],
	["/~/a", ["/~/a"], ["~/a"]],
	["+/~", ["/~", "x/~"], ["~"]],
	["~/$x", ["~/$x"], ["~/x"]],
	["~/a b", ["~/a b"], ["~/ab"]],
];

function matching([filter, yes, no]: (typeof rows)[number]): Case {
	const v311 = filter.includes("+") ? "4.7.1-3 4.7.3-4" : "4.7.1-2 4.7.3-4";
	const v5 = filter.includes("+") ? "4.7.1-2 4.7.3-4" : "4.7.1-1 4.7.3-4";
	return both(
		`the filter ${filter} selects ${yes.join(" and ")}, and not ${no.join(" or ")}`,
		v311,
		v5,
		async (stage) => {
			const own = (text: string) => text.replace("~", stage.name);
			const client = await stage.login();
			await client.subscribe(own(filter), 1);
			for (const topic of [...yes, ...no]) await client.publish(own(topic), "x");
			await stage.fence(client, client);
			expect(client.pending().map(({ topic }) => topic)).toEqual(yes.map(own));
		},
	);
}

export const topics: Chapter = {
	title: "4.7 Topics",
	cases: [
		...rows.map(matching),
		...(["#", "+/broker/#", "+/#"] as const).map((filter) =>
			both(
				`the filter ${filter} selects no topic that begins with $`,
				"4.7.2-1",
				"4.7.2-1",
				async (stage) => {
					const client = await stage.login();
					const witness = await stage.login();
					await client.subscribe(filter, 0);
					await witness.subscribe("$SYS/broker/#", 0);
					// Those that are retained, and then a round of the numbers that every broker publishes there.
					await witness.expect("publish", ({ retain }) => retain);
					await witness.expect("publish", ({ retain }) => !retain);
					await client.ping();
					expect(client.pending().filter(({ topic }) => topic.startsWith("$"))).toEqual([]);
				},
				{ slow: true },
			),
		),
		both("topic filters may be long, and have many levels", "4.7.3-3", "4.7.3-3", async (stage) => {
			const client = await stage.login();
			const topic = `${stage.name}${"/x".repeat(90)}`;
			await client.subscribe(`${stage.name}${"/+".repeat(90)}`, 1);
			await client.publish(topic, "deep");
			expect((await client.message()).topic).toBe(topic);
		}),
	],
};
