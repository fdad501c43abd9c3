/** Commands about retained messages. */

import { isBrokersOwn } from "../access/decide";
import type { Broker } from "../broker";
import { FlowbrokerError } from "../errors";
import type { LocalClient } from "../local-client";
import type { Message, QoS } from "../message";
import { whyNotFilter } from "../topic";
import { type Arguments, known, optionalText, text, trueOrFalse } from "./arguments";
import { mapPage, type Page, pageArguments, pageOf } from "./page";
import { type PayloadView, payloadView } from "./payload-view";

export interface RetainedView extends PayloadView {
	readonly topic: string;
	readonly qos: QoS;
}

/** Messages that are cleared at the same time. */
const AT_ONCE = 100;

/** @param args `filter`: a topic filter, default `#`, which does not select topics below `$`; and those of a page */
export function listRetained(broker: Broker, args: Arguments): Page<RetainedView> {
	known(args, ["filter", ...pageArguments]);
	const found = select(broker, optionalText(args, "filter", "#"));
	found.sort((a, b) => (a.topic < b.topic ? -1 : 1));
	return mapPage(pageOf(found, args), ({ topic, qos, payload }) => ({ topic, qos, ...payloadView(payload) }));
}

/**
 * Makes the broker forget what the filter selects, but not what it keeps about itself below `$SYS`. Subscribers get
 * the empty messages by which MQTT does that.
 * @param args `filter`; `dryRun: true` only counts
 */
export async function clearRetained(
	broker: Broker,
	args: Arguments,
): Promise<{ readonly count: number; readonly cleared: boolean }> {
	known(args, ["filter", "dryRun"]);
	const topics = select(broker, text(args, "filter")).flatMap(({ topic }) => (isBrokersOwn(topic) ? [] : [topic]));
	if (trueOrFalse(args, "dryRun", false)) return { count: topics.length, cleared: false };
	const client = broker.localClient("admin");
	for (let at = 0; at < topics.length; at += AT_ONCE) {
		await Promise.all(topics.slice(at, at + AT_ONCE).map((topic) => forget(client, topic)));
	}
	return { count: topics.length, cleared: true };
}

function select(broker: Broker, filter: string): Message[] {
	const why = whyNotFilter(filter);
	if (why !== undefined) throw new FlowbrokerError("FILTER_INVALID", `The filter is not valid: ${why}.`);
	return broker.retained(filter);
}

function forget(client: LocalClient, topic: string): Promise<void> {
	return new Promise((resolve, reject) => {
		const message: Message = { topic, payload: Buffer.alloc(0), qos: 0, retain: true };
		client.publish(message, (error) => (error ? reject(error) : resolve()));
	});
}
