/** Where our broker does not do what Mosquitto 2.0.11 does, on purpose. docs/mosquitto-differences.md says why. */

/** What our broker shows: in MQTT 3.1.1 and 5, or `same` where it shows what Mosquitto shows. */
type Shown = readonly [v4: string, v5: string];

export interface Difference {
	/** The heading in the page. */
	readonly name: string;
	/** By row of the table. Empty where another test shows it. */
	readonly rows: Readonly<Record<string, Shown>>;
}

const SAME = "same";

export const differences: readonly Difference[] = [
	{
		name: "Names with a slash in patterns",
		rows: {
			"pattern %u: a name with a slash": [
				"PUBACK 0, open; witness gets nothing",
				"PUBACK 135, open; witness gets nothing",
			],
			"pattern %c: an id with a slash": [
				"PUBACK 0, open; witness gets nothing",
				"PUBACK 135, open; witness gets nothing",
			],
		},
	},
	{
		name: "A session belongs to its user",
		rows: {
			"queued: another user takes the session": ["SUBACK 1, CONNACK 2", "SUBACK 1, CONNACK 133"],
			"session: another user takes it, clean": ["CONNACK 2; alice open", "CONNACK 133; alice open"],
		},
	},
	{
		name: "Passwords with a NUL character",
		rows: { "login: the right password with NUL and more behind it": ["CONNACK 5", "CONNACK 135"] },
	},
	{
		name: "Topics below $CONTROL",
		rows: {
			"publish: $CONTROL, allowed": [
				"PUBACK 0, open; witness gets $CONTROL/fake (QoS 1)",
				"PUBACK 0, open; witness gets $CONTROL/fake (QoS 1)",
			],
		},
	},
	{
		name: "Shared subscriptions without group or filter",
		rows: {
			"subscribe: shared without a filter": ["closed", "closed with DISCONNECT 129"],
			"subscribe: shared without a group": ["closed", "closed with DISCONNECT 129"],
		},
	},
	{
		name: "Reason codes for packets that are not valid",
		rows: {
			"publish: to a topic with a wildcard": [
				SAME,
				"closed with DISCONNECT 129, closed with DISCONNECT 129; witness gets nothing",
			],
			"will: a topic with a wildcard": [SAME, "CONNACK 129"],
		},
	},
	{
		name: "Nobody subscribes",
		rows: { "publish: nobody subscribes": [SAME, "PUBACK 0"] },
	},
	{
		name: "QoS of messages below $SYS",
		rows: {
			"retained: $SYS, where a line says so": [
				"SUBACK 1, gets $SYS/broker/version (QoS 0, retained)",
				"SUBACK 1, gets $SYS/broker/version (QoS 0, retained)",
			],
		},
	},
	{ name: "Wrong passwords", rows: {} },
	{ name: "Changes of the files", rows: {} },
	{ name: "Files with mistakes", rows: {} },
];

/** What our broker shows in the row; `undefined` where it shows what Mosquitto shows. */
export function shownByOurs(row: string, version: 4 | 5): string | undefined {
	const shown = differences.flatMap(({ rows }) => rows[row] ?? [])[version - 4];
	return shown === SAME ? undefined : shown;
}
