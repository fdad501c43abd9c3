/** Numbers and times as people read them, in the language of the browser. */

import type { Translate } from "./text";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function number(value: number): string {
	return value.toLocaleString();
}

/** Messages a second: with a decimal only where it tells something. */
export function rate(value: number): string {
	return value.toLocaleString(undefined, { maximumFractionDigits: value < 10 ? 1 : 0 });
}

export function bytes(value: number): string {
	const units = ["B", "kB", "MB", "GB", "TB"] as const;
	let left = value;
	let unit = 0;
	while (left >= 1_000 && unit < units.length - 1) {
		left /= 1_000;
		unit++;
	}
	return `${left.toLocaleString(undefined, { maximumFractionDigits: left < 10 && unit > 0 ? 1 : 0 })} ${units[unit]}`;
}

/** The largest unit, as in "3 min". @param milliseconds may be slightly negative: clocks differ */
export function duration(milliseconds: number, t: Translate): string {
	const length = Math.max(0, milliseconds);
	if (length < MINUTE) return t("unit.seconds", { n: Math.floor(length / SECOND) });
	if (length < HOUR) return t("unit.minutes", { n: Math.floor(length / MINUTE) });
	if (length < DAY) return t("unit.hours", { n: Math.floor(length / HOUR) });
	return t("unit.days", { n: Math.floor(length / DAY) });
}

/** How long ago. @param at milliseconds since 1970 */
export function ago(at: number, t: Translate): string {
	return t("unit.ago", { time: duration(Date.now() - at, t) });
}

/** Date and time. @param at milliseconds since 1970 */
export function moment(at: number): string {
	return new Date(at).toLocaleString();
}

/** As it stands on the box of a device. */
export function mqttVersion(level: 3 | 4 | 5): string {
	return `MQTT ${{ 3: "3.1", 4: "3.1.1", 5: "5.0" }[level]}`;
}
