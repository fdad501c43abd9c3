/** One thing that a broker must do, with the statements that say so. */

import type { Stage } from "./stage";
import type { StandardVersion } from "./statements";

/** What a target can only be asked where it was prepared for it. */
export type Ability = "restart" | "users" | "websocket" | "scram" | "settings";

export type Act = (stage: Stage) => Promise<void>;

export interface Case {
	/** A sentence about behaviour; unique. */
	readonly name: string;
	/** Statement numbers of each standard for which the case runs, as in `3.1.2-24`; may be none. */
	readonly cites: Readonly<Partial<Record<StandardVersion, readonly string[]>>>;
	/** Needs time to pass: such cases run side by side. */
	readonly slow: boolean;
	readonly needs: Ability | undefined;
	readonly act: Act;
}

export interface Chapter {
	readonly title: string;
	readonly cases: readonly Case[];
}

interface Extra {
	readonly slow?: true;
	readonly needs?: Ability;
}

/** Numbers, with spaces between them. */
type Numbers = string;

/** For both versions. */
export function both(name: string, v311: Numbers, v5: Numbers, act: Act, extra: Extra = {}): Case {
	return make(name, { 4: list(v311), 5: list(v5) }, act, extra);
}

/** For MQTT 5 alone. */
export function five(name: string, cites: Numbers, act: Act, extra: Extra = {}): Case {
	return make(name, { 5: list(cites) }, act, extra);
}

/** For MQTT 3.1.1 alone. */
export function four(name: string, cites: Numbers, act: Act, extra: Extra = {}): Case {
	return make(name, { 4: list(cites) }, act, extra);
}

function make(name: string, cites: Case["cites"], act: Act, { slow, needs }: Extra): Case {
	return { name, cites, slow: slow ?? false, needs, act };
}

function list(numbers: Numbers): string[] {
	return numbers === "" ? [] : numbers.split(" ");
}

/** The versions for which a case runs. */
export function versionsOf({ cites }: Case): StandardVersion[] {
	return ([4, 5] as const).filter((version) => cites[version] !== undefined);
}

const labels: Readonly<Record<StandardVersion, string>> = { 4: "MQTT 3.1.1", 5: "MQTT 5" };

/** Version and sentence. */
export function labelOf({ name }: Case, version: StandardVersion): string {
	return `${labels[version]}: ${name}`;
}

/** The name of the test: version, sentence, statements. */
export function titleOf(one: Case, version: StandardVersion): string {
	const cited = (one.cites[version] ?? []).map((number) => ` [MQTT-${number}]`);
	return `${labelOf(one, version)}${cited.join("")}`;
}
