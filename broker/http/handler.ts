/** What a handler gets and gives: no Express in it. */

import type { Arguments } from "../admin/arguments";
import type { TestSubscriptions } from "../admin/test-subscriptions";
import type { TopicTree } from "../admin/topic-tree";
import type { Broker } from "../broker";
import { type AdminBroker, findBroker, runningBroker } from "./admin-broker";
import type { PerBroker } from "./lasting";

export interface AdminRequest {
	readonly brokers: Iterable<AdminBroker>;
	/** The id in the path. */
	readonly broker: unknown;
	readonly topics: PerBroker<TopicTree>;
	readonly tests: PerBroker<TestSubscriptions>;
	/** From path and query, or from path and body. */
	readonly args: Arguments;
}

/** @returns the answer's body; a FlowbrokerError becomes its status and code */
export type Handler<Answer> = (request: AdminRequest) => Answer | Promise<Answer>;

/** A command on the broker in the path. */
export function on<Answer>(command: (broker: Broker, args: Arguments) => Answer | Promise<Answer>): Handler<Answer> {
	return ({ brokers, broker, args }) => command(runningBroker(findBroker(brokers, broker)), args);
}

/** A command on a rule of the clients without user name. */
export function onAnonymous<Answer>(command: (broker: Broker, args: Arguments) => Promise<Answer>): Handler<Answer> {
	return on((broker, args) => command(broker, { ...args, anonymous: true }));
}
