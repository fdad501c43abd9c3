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
		...(["#", "+/~", "+/#"] as const).map((filter) =>
			both(`the filter ${filter} selects no topic that begins with $`, "4.7.2-1", "4.7.2-1", async (stage) => {
				const client = await stage.login();
				await client.subscribe(filter.replace("~", stage.name), 1);
				await client.publish(`$other/${stage.name}`, "x");
				await client.publish(`other/${stage.name}`, "x");
				await client.message(({ topic }) => topic === `other/${stage.name}`);
				expect(client.pending().filter(({ topic }) => topic.startsWith("$"))).toEqual([]);
			}),
		),
		both(
			"retained topics that begin with $ are not selected by a wildcard at the start",
			"4.7.2-1",
			"4.7.2-1",
			async (stage) => {
				const client = await stage.login();
				await client.publish(`$other/${stage.name}`, "x", { retain: true });
				await client.subscribe(`+/${stage.name}`);
				expect(await stage.settled(client, client)).toEqual([]);
				await client.publish(`$other/${stage.name}`, "", { retain: true });
			},
		),
		both("a filter that begins with $ selects such topics", "", "", async (stage) => {
			const client = await stage.login();
			await client.subscribe(`$other/${stage.name}/#`, 1);
			await client.publish(`$other/${stage.name}/x`, "x");
			expect((await client.message()).topic).toBe(`$other/${stage.name}/x`);
		}),
		both("topic filters may be long, and have many levels", "4.7.3-3", "4.7.3-3", async (stage) => {
			const client = await stage.login();
			const topic = `${stage.name}${"/x".repeat(90)}`;
			await client.subscribe(`${stage.name}${"/+".repeat(90)}`, 1);
			await client.publish(topic, "deep");
			expect((await client.message()).topic).toBe(topic);
		}),
	],
};
