/** Rows of `topic` lines and what is published, for a bridge of Mosquitto's and for ours. */

import type { Said, Side } from "./stage";

export interface Row {
	readonly name: string;
	/** What stands behind `topic` in mosquitto.conf. */
	readonly lines: readonly string[];
	/** Before the bridge connects. */
	readonly before?: readonly Said[];
	readonly says: readonly Said[];
	/** Where several rules select a topic, Mosquitto sends a copy for each over MQTT 5, all to the same topic; ours one. */
	readonly overlaps?: true;
}

const say = (side: Side, topic: string, qos: 0 | 1 | 2 = 1, retain = false): Said => ({
	side,
	topic,
	text: `${side}-${qos}`,
	qos,
	retain,
});
/** The topic on both sides with each QoS. */
const everywhere = (...topics: string[]): Said[] =>
	topics.flatMap((topic) => ([0, 1, 2] as const).flatMap((qos) => [say("here", topic, qos), say("there", topic, qos)]));

export const rows: readonly Row[] = [
	...(["out", "in", "both"] as const).flatMap((direction) =>
		[0, 1, 2].map((qos) => ({
			name: `t/# ${direction} ${qos}`,
			lines: [`t/# ${direction} ${qos}`],
			says: everywhere("t", "t/a", "u/a"),
		})),
	),
	{ name: "direction and QoS left out", lines: ["t/#"], says: everywhere("t/a") },
	{ name: "QoS left out", lines: ["t/# both"], says: everywhere("t/a") },
	{ name: "local prefix out", lines: ["# out 1 l/"], says: everywhere("l/a", "a", "m/a") },
	{ name: "local prefix in", lines: ["t/# in 1 l/"], says: everywhere("t/a", "l/t/a", "a") },
	{ name: "remote prefix out", lines: ['t/# out 1 "" r/'], says: everywhere("t/a", "r/t/a") },
	{ name: "remote prefix in", lines: ['# in 1 "" r/'], says: everywhere("r/a", "a") },
	{ name: "both prefixes, both directions", lines: ["# both 2 l/ r/"], says: everywhere("l/a", "r/a", "l/b/c", "a") },
	{ name: "prefixes without a slash", lines: ["a/# both 1 l r"], says: everywhere("la/x", "ra/x", "a/x") },
	{ name: "empty pattern out", lines: ['"" out 1 l/one r/two'], says: everywhere("l/one", "r/two", "l/one/x") },
	{ name: "empty pattern in", lines: ['"" in 1 l/one r/two'], says: everywhere("l/one", "r/two") },
	{ name: "empty pattern both", lines: ['"" both 1 l/one r/two'], says: everywhere("l/one", "r/two") },
	{ name: "plus in the pattern", lines: ["+/t/# both 1 l/ r/"], says: everywhere("l/a/t/x", "r/a/t/x", "l/a/u") },
	{ name: "the prefix again in the topic", lines: ["# both 1 l/ r/"], says: everywhere("l/l/a", "r/r/a", "r/l/a") },
	{
		name: "two rules, the first one selects",
		lines: ["a/# out 1 l/ r1/", "# out 1 l/ r2/"],
		overlaps: true,
		says: everywhere("l/a/x", "l/b"),
	},
	{
		name: "two rules in both directions",
		lines: ["a/# out 1 l/ r/", "a/# in 1 l/ r/"],
		says: everywhere("l/a/x", "r/a/x"),
	},
	{ name: "the same line twice", lines: ["t/# both 1", "t/# both 1"], says: everywhere("t/a") },
	{
		name: "retained, live",
		lines: ["t/# both 1"],
		says: [say("here", "t/a", 1, true), say("there", "t/b", 1, true), say("here", "t/c", 0, true)],
	},
	{
		name: "retained with prefixes",
		lines: ["# both 2 l/ r/"],
		says: [say("here", "l/a", 2, true), say("there", "r/b", 2, true)],
	},
	{
		name: "retained before the connect",
		lines: ["t/# in 1", "u/# in 0"],
		before: [say("there", "t/a", 1, true), say("there", "u/a", 1, true), say("there", "x", 1, true)],
		says: [],
	},
	{
		name: "the same is said on both sides, a button that is pressed here and there",
		lines: ["t/# both 1"],
		says: [
			{ side: "here", topic: "t/button", text: "pressed", qos: 1 },
			{ side: "there", topic: "t/button", text: "pressed", qos: 1 },
		],
	},
	{ name: "$SYS is not selected by #", lines: ["# both 1"], says: everywhere("t/a") },
];
