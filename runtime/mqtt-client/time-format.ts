/** Times as the C function strftime writes them, in the local time zone. Pure but for the zone. */

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = "January February March April May June July August September October November December".split(" ");

/** A moment with more digits than a Date has. */
export interface Moment {
	readonly date: Date;
	/** Within the second. */
	readonly nanoseconds: number;
}

export function now(): Moment {
	const milliseconds = performance.timeOrigin + performance.now();
	return { date: new Date(milliseconds), nanoseconds: Math.floor((milliseconds % 1_000) * 1e6) };
}

/** @returns what strftime makes of `%` and the letter; `undefined` for a letter that it does not know */
export function timePart(letter: string, { date, nanoseconds }: Moment): string | undefined {
	return parts[letter]?.(date, nanoseconds);
}

/** For example `2026-03-01T12:00:00+0100`. */
export function isoTime({ date }: Moment): string {
	return `${seconds(date)}${zone(date)}`;
}

/** For example `2026-03-01T12:00:00.123456Z+0100`: this is how Mosquitto writes it in JSON. */
export function jsonTime({ date, nanoseconds }: Moment): string {
	return `${seconds(date)}.${String(Math.floor(nanoseconds / 1_000)).padStart(6, "0")}Z${zone(date)}`;
}

/** For example `1470818943.786368637`. */
export function unixTime({ date, nanoseconds }: Moment): string {
	return `${Math.floor(date.getTime() / 1_000)}.${String(nanoseconds).padStart(9, "0")}`;
}

const two = (number: number): string => String(number).padStart(2, "0");
const hour12 = (date: Date): number => date.getHours() % 12 || 12;
const day = (date: Date): string => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
const clock = (date: Date): string => `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
const seconds = (date: Date): string => `${day(date)}T${clock(date)}`;
const short = (name: string | undefined): string => (name ?? "").slice(0, 3);

function zone(date: Date): string {
	const minutes = -date.getTimezoneOffset();
	const size = Math.abs(minutes);
	return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${two(size % 60)}`;
}

function dayOfYear(date: Date): number {
	const start = Date.UTC(date.getFullYear(), 0, 0);
	return (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - start) / 86_400_000;
}

const parts: Readonly<Record<string, (date: Date, nanoseconds: number) => string>> = {
	a: (date) => short(days[date.getDay()]),
	A: (date) => days[date.getDay()] ?? "",
	b: (date) => short(months[date.getMonth()]),
	B: (date) => months[date.getMonth()] ?? "",
	d: (date) => two(date.getDate()),
	D: (date) => `${two(date.getMonth() + 1)}/${two(date.getDate())}/${two(date.getFullYear() % 100)}`,
	e: (date) => String(date.getDate()).padStart(2),
	F: day,
	H: (date) => two(date.getHours()),
	I: (date) => two(hour12(date)),
	j: (date) => String(dayOfYear(date)).padStart(3, "0"),
	m: (date) => two(date.getMonth() + 1),
	M: (date) => two(date.getMinutes()),
	n: () => "\n",
	N: (_date, nanoseconds) => String(nanoseconds).padStart(9, "0"),
	p: (date) => (date.getHours() < 12 ? "AM" : "PM"),
	R: (date) => clock(date).slice(0, 5),
	s: (date) => String(Math.floor(date.getTime() / 1_000)),
	S: (date) => two(date.getSeconds()),
	t: () => "\t",
	T: clock,
	u: (date) => String(date.getDay() || 7),
	w: (date) => String(date.getDay()),
	y: (date) => two(date.getFullYear() % 100),
	Y: (date) => String(date.getFullYear()),
	z: zone,
};
