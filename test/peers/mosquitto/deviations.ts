/** Where Mosquitto 2.0.11 does not do what the conformance suite asks, each with the reason. */

import type { KnownFailures } from "../../conformance/conformance.suite";

export const deviations: KnownFailures = {
	"It takes packets that are malformed where it can make sense of them.": [
		"a length in more bytes than it needs closes the connection",
		"PINGREQ with flags that are reserved closes the connection",
		"PUBACK with flags that are reserved closes the connection",
		"the response topic a/+ closes the connection",
		"the response topic # closes the connection",
		"a client's PUBLISH with a subscription identifier closes the connection",
		"a payload format indicator over 1 closes the connection",
		"authentication data without a method is refused",
		"no local on a shared subscription closes the connection",
		"MQTT 5: the filter $share//~ is refused",
		"MQTT 5: the filter $share/g is refused",
		"MQTT 5: the filter $share/g/ is refused",
	],
	"It leaves packets that only servers send unanswered.": [
		"SUBACK, which only servers send, closes the connection",
		"UNSUBACK, which only servers send, closes the connection",
		"PINGRESP, which only servers send, closes the connection",
		"the reasons with which the broker closes are those of DISCONNECT",
	],
	"It has no response information.": ["response information begins a topic that the client may use"],
	"It sends no topic aliases.": ["a topic that comes again comes as alias, within what the client takes"],
	"It waits for the will delay also where the session ends before.": [
		"the end of the session publishes the will before its delay has passed",
		"a clean start publishes the will that was delayed",
	],
	"It sends MQTT 5 a copy for each subscription; before that, one with the QoS of whichever it finds first.": [
		"without identifiers a message comes with the highest QoS that was granted",
		"MQTT 5: without identifiers a message comes once",
		"MQTT 5: a message that waits has the highest QoS too, and waits once",
	],
	"It grants every subscription, and filters the messages.": [
		"a filter that is not allowed fails alone",
		"rights are asked for the filter inside",
	],
	"It closes without a word when it stops.": [
		"a broker that stops tells its clients with 0x8B, without a session expiry interval",
	],
	"It begins the expiry of a session anew when it starts, and drops what has expired on its way.": [
		"the expiry interval of a session goes on over a restart of the broker",
		"a message with QoS 2 that was sent is not dropped when it expires",
	],
	"It answers PUBREL and PUBREC for packet identifiers that it does not know as any other.": [
		"PUBREL for an unknown packet identifier is answered with 0x92",
		"PUBREC for an unknown packet identifier is answered with PUBREL and 0x92",
	],
	"It sends the retained message to a shared subscription.": ["a shared subscription gets no retained messages"],
	"It has members that are away take their turn, and keeps what a member left for that member.": [
		"members that are away get nothing while another is connected",
		"a message that a member did not acknowledge before it left goes to another",
		"what a member had when it went for good waits for one that is away",
		"what waited for a member goes to another when its session ends",
		"a member that is taken over by a clean start leaves the group, and what it had goes to another",
		"a shared subscription outlives a restart of the broker, with what waits",
	],
	"It counts what is under way wrongly once something was acknowledged.": [
		"a smaller receive maximum holds for messages that come again",
		"no more messages with QoS 1 are under way than the client's receive maximum",
		"no more messages with QoS 2 are under way than the client's receive maximum",
	],
	"A message that it drops for its size takes a place of the receive maximum, and it allows a byte too many.": [
		"a message over the client's maximum packet size is dropped for this client",
		"a packet of just the maximum size is sent, and one byte more is not",
	],
	"It does not close a client that exceeds its receive maximum.": [
		"a client that exceeds the broker's receive maximum is closed with 0x93",
	],
};
