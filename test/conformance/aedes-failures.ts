/** Where the engine on aedes does not do what the suite asks, each with the reason. */

import type { KnownFailures } from "./conformance.suite";

export const aedesFailures: KnownFailures = {
	"aedes has no shared subscriptions, and says so.": [
		"what is not said to be missing is there: wildcards, identifiers, shared subscriptions, retain",
		"a message goes to one member",
		"members that are connected get the messages by turns",
		"each group, and each usual subscription, gets the message",
		"a member with QoS 0 gets messages with no more",
		"a member with QoS 1 gets messages with no more",
		"a member with QoS 2 gets messages with no more",
		"filters with wildcards may be shared",
		"a member that has left gets no more",
		"members that are away get nothing while another is connected",
		"with nobody connected, messages wait for a member whose session is kept",
		"a message that a member did not acknowledge before it left goes to another",
		"a message that was acknowledged with a refusal goes to nobody else",
		"a message with QoS 2 that was begun is completed with its member",
		"a message with QoS 2 that was begun goes to nobody when the session ends",
		"rights are asked for the filter inside",
		"a message of a shared subscription carries its identifier",
		"groups of one name on different filters are different groups",
		"who subscribes again has one turn still",
		"members of one group may have different QoS",
		"a member that is taken over by a clean start leaves the group, and what it had goes to another",
		"a message that was begun is completed after its member has left the group",
		"members that have no place for more are not sent more, and nothing is lost",
		"a shared subscription outlives a restart of the broker, with what waits",
	],
	"aedes knows no receive maximum of the client.": [
		"no more messages with QoS 1 are under way than the client's receive maximum",
		"no more messages with QoS 2 are under way than the client's receive maximum",
		"a PUBREC without PUBCOMP keeps its place",
		"a PUBREC with a refusal gives its place back",
		"receive maximum holds for messages that waited",
		"receive maximum holds for retained messages",
		"a smaller receive maximum holds for messages that come again",
		"receive maximum holds back nothing but messages with QoS 1 and 2",
	],
	"aedes knows no maximum packet size of the client.": [
		"a message over the client's maximum packet size is dropped for this client",
		"a packet of just the maximum size is sent, and one byte more is not",
		"a retained or waiting message over the maximum packet size is dropped, and not kept",
		"reasons in words are left out where they would exceed the maximum packet size",
	],
	"aedes sends no topic aliases.": ["a topic that comes again comes as alias, within what the client takes"],
	"aedes sends one message for overlapping subscriptions, with the QoS of the first.": [
		"without identifiers a message comes with the highest QoS that was granted",
		"all identifiers of overlapping subscriptions are sent",
		"overlapping subscriptions with identifiers get a copy each, with identifier and QoS of their own",
		"overlapping messages that wait are copies with identifiers of their own too",
		"no local holds for its own subscription alone",
	],
	"aedes takes the packet of the publisher for that of the subscriber.": ["DUP of the publisher is not sent on"],
	"aedes has user properties as an object, without order.": ["user properties keep their order"],
	"aedes delivers what waited beside what is published now.": [
		"messages that waited come in their order, before those that were published later",
	],
	"aedes does not tell what an acknowledgement was for.": [
		"PUBREL for an unknown packet identifier is answered with 0x92",
		"PUBREC for an unknown packet identifier is answered with PUBREL and 0x92",
	],
	"The options of a subscription are not asked for messages that wait.": [
		"no local holds for messages that wait, by client id",
		"retain as published keeps the flag, for live and for queued messages",
	],
	"Expiry is not asked what was begun, and begins anew with a restart.": [
		"a message with QoS 2 that was sent is not dropped when it expires",
		"the expiry interval of a session goes on over a restart of the broker",
	],
	"aedes drops a delayed will with a clean start.": ["a clean start publishes the will that was delayed"],
	"aedes closes without a reason.": [
		"DISCONNECT can't give an expiry interval to a session that has none",
		"a DISCONNECT says its reason in words where the client does not object",
	],
	"There is no response information.": ["response information begins a topic that the client may use"],
};
