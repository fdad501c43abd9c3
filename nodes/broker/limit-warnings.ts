/** What goes beyond a limit of the broker, as lines for the log. The broker sees to it that there are not too many. */

import type { Broker } from "../../broker";

/** All keys under `log` that a warning may have; a test compares them with the catalogue. */
export const warningKeys: readonly string[] = [
	...["queue-full", "memory-full", "retained-full", "certificate"].flatMap((key) => [`${key}_one`, `${key}_other`]),
	"slowed",
	"banned",
	"store-working",
];

/** @param warn is given the key of a text below `log`, and its values */
export function warnBeyondLimits(
	events: Broker["events"],
	warn: (key: string, values: Record<string, string | number>) => void,
): void {
	events.on("queueFull", (clientId, full, count) => {
		if (full === "all") warn("memory-full", { count });
		else warn("queue-full", { client: clientId ?? "-", count });
	});
	events.on("retainedFull", (topic, count) => warn("retained-full", { topic, count }));
	events.on("clientSlowed", ({ id, address }) => warn("slowed", { client: id, address }));
	events.on("banned", ({ clientId, user, address, until, reason }) => {
		const who = [clientId, user, address].filter((one) => one !== null).join(", ");
		warn("banned", { who, until: new Date(until).toISOString(), reason });
	});
	events.on("certificateEnding", ({ name, certificate: { subject, daysLeft } }) => {
		warn("certificate", { name, subject, count: daysLeft });
	});
}
