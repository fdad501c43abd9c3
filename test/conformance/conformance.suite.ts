/** Runs cases against a target, as tests of Jest. */

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Ability, type Case, type Chapter, labelOf, titleOf, versionsOf } from "./case";
import { Stage } from "./stage";
import type { StandardVersion } from "./statements";
import type { Target } from "./target";

/** Reasons, and what fails for each: `MQTT 5: a sentence`, or the sentence alone for all versions that it is tested with. */
export type KnownFailures = Readonly<Record<string, readonly string[]>>;

/** Seconds until a case that still waits for something has failed. */
const patience = { usual: 8, slow: 16, known: 5 } as const;

interface Run {
	readonly title: string;
	readonly one: Case;
	readonly version: StandardVersion;
	readonly name: string;
}

export interface Judged {
	start(): Promise<Target>;
	/** What the target cannot be asked; those cases are skipped. */
	readonly without?: readonly Ability[];
	/** All that fails, and nothing that passes. */
	readonly known?: KnownFailures;
}

export function conformanceSuite(chapters: readonly Chapter[], { start, without = [], known = {} }: Judged): void {
	let target: Target;
	/** Cases that take time, or are known to wait in vain: all at once, before the others. */
	const early = new Map<string, Promise<Error | undefined>>();
	let runs = 0;
	const plan = chapters.map(({ title, cases }) => ({
		chapter: title,
		runs: cases.flatMap((one) =>
			versionsOf(one).map((version): Run => {
				runs += 1;
				return { title: titleOf(one, version), one, version, name: `c${runs}v${version}` };
			}),
		),
	}));
	const all = plan.flatMap((entry) => entry.runs);
	const listed = new Set(Object.values(known).flat());
	const isKnown = ({ one, version }: Run) => listed.has(one.name) || listed.has(labelOf(one, version));
	const isAsked = ({ one }: Run) => one.needs === undefined || !without.includes(one.needs);
	const isEarly = (run: Run) => isAsked(run) && (run.one.slow || isKnown(run));

	beforeAll(async () => {
		target = await start();
		for (const run of all) if (isEarly(run)) early.set(run.title, outcome(run, target, isKnown(run)));
	});

	afterAll(async () => {
		await Promise.all(early.values());
		await target.stop();
	});

	for (const { chapter, runs } of plan) {
		describe(chapter, () => {
			for (const run of runs) {
				(isAsked(run) ? test : test.skip)(run.title, async () => {
					const error = await (early.get(run.title) ?? outcome(run, target, false));
					if (isKnown(run)) expect({ failsAsKnown: error !== undefined }).toEqual({ failsAsKnown: true });
					else if (error) throw error;
				});
			}
		});
	}

	test("every known failure is tested", () => {
		const tested = new Set(all.flatMap(({ one, version }) => [one.name, labelOf(one, version)]));
		expect([...listed].filter((name) => !tested.has(name))).toEqual([]);
	});
}

/** How a case ends. Never rejects. @returns what is wrong, with all packets that show it */
async function outcome(run: Run, target: Target, isKnown: boolean): Promise<Error | undefined> {
	const { one, version, name } = run;
	const stage = new Stage(target, version, name);
	const seconds = isKnown ? patience.known : one.slow ? patience.slow : patience.usual;
	const deadline = setTimeout(() => stage.cut(), seconds * 1_000);
	try {
		await one.act(stage);
		expect(stage.problems()).toEqual([]);
		return undefined;
	} catch (error) {
		const { message } = error as Error;
		return new Error(`${message}\nThe packets, by client:\n${stage.record()}`, { cause: error });
	} finally {
		clearTimeout(deadline);
		await stage.end();
	}
}
