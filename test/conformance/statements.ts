/**
 * The numbers of all normative statements of both OASIS standards, from their appendices B: section, and how many
 * statements it has. Two of 3.1.1 are misprinted there, as [MQTT-3.1.2.7] and [MQTT-3-8.3-4].
 */

export type StandardVersion = 4 | 5;

/** MQTT 5.0: statement 2.2.1-1 does not exist. */
const sections5 = `1.5.4:3 1.5.5:1 1.5.7:1 2.1.3:1 2.2.1:6 2.2.2:1 3.1.0:2 3.1.2:30 3.1.3:12 3.1.4:6 3.2.0:2 3.2.2:22
3.3.1:13 3.3.2:20 3.3.4:10 3.4.2:3 3.5.2:3 3.6.1:1 3.6.2:3 3.7.2:3 3.8.1:1 3.8.3:5 3.8.4:8 3.9.2:2 3.9.3:2 3.10.1:1
3.10.3:2 3.10.4:6 3.11.2:2 3.11.3:2 3.12.4:1 3.14.0:1 3.14.1:1 3.14.2:4 3.14.4:3 3.15.1:1 3.15.2:3 4.1.0:2 4.2.0:1
4.3.1:1 4.3.2:5 4.3.3:13 4.4.0:2 4.5.0:2 4.6.0:6 4.7.0:1 4.7.1:2 4.7.2:1 4.7.3:4 4.8.2:6 4.9.0:3 4.12.0:7 4.12.1:2
4.13.1:1 4.13.2:1 6.0.0:4`;

const sections4 = `1.5.3:3 2.2.2:2 2.3.1:7 3.1.0:2 3.1.2:24 3.1.3:11 3.1.4:5 3.2.0:1 3.2.2:6 3.3.1:12 3.3.2:3 3.3.4:1
3.3.5:2 3.6.1:1 3.8.1:1 3.8.3:4 3.8.4:6 3.9.3:2 3.10.1:1 3.10.3:2 3.10.4:6 3.12.4:1 3.14.1:1 3.14.4:3 4.1.0:2 4.3.1:1
4.3.2:2 4.3.3:2 4.4.0:1 4.5.0:2 4.6.0:6 4.7.1:3 4.7.2:1 4.7.3:4 4.8.0:2 6.0.0:4 7.0.0:2 7.1.1:1 7.1.2:1`;

function numbers(sections: string): string[] {
	return sections.split(/\s+/).flatMap((entry) => {
		const [section, count] = entry.split(":");
		return Array.from({ length: Number(count) }, (_, at) => `${section}-${at + 1}`);
	});
}

/** 251 statements of MQTT 5.0 and 141 of MQTT 3.1.1. */
export const statements: Readonly<Record<StandardVersion, readonly string[]>> = {
	4: numbers(sections4),
	5: numbers(sections5).filter((number) => number !== "2.2.1-1"),
};
