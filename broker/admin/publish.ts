/** The command that publishes one message for a test, with the rights of a chosen user. */

import type { Broker } from "../broker";
import type { LocalClient } from "../local-client";
import type { Message, QoS } from "../message";
import {
	type Arguments,
	invalidArgument,
	known,
	oneOf,
	optionalText,
	text,
	trueOrFalse,
	userName,
	whole,
} from "./arguments";
import { readProperties } from "./message-properties";
import { usersOf } from "./users-of";

/**
 * @param args `topic`; `payload`: a text, `encoding`: `text` or `base64`; `qos`; `retain`; `user`: whose rights count,
 * `null` a client without user name, absent: the flow, which may do everything; `clientId` for rules with `%c`; `properties`
 * of MQTT 5
 * @throws FlowbrokerError USER_UNKNOWN, TOPIC_INVALID, NOT_ALLOWED naming the rule
 */
export async function publishMessage(broker: Broker, args: Arguments): Promise<{ readonly published: string }> {
	known(args, ["topic", "payload", "encoding", "qos", "retain", "user", "clientId", "properties"]);
	const properties = readProperties(args.properties);
	const message: Message = {
		topic: text(args, "topic"),
		payload: payloadOf(args),
		qos: whole(args, "qos", 0, 2, 0) as QoS,
		retain: trueOrFalse(args, "retain", false),
		...(properties && { properties }),
	};
	const client = clientFor(broker, args);
	await new Promise<void>((resolve, reject) => {
		client.publish(message, (error) => (error ? reject(error) : resolve()));
	});
	return { published: message.topic };
}

/**
 * A client with the rights of whom one likes.
 * @param args `user` and `clientId`, as for {@link publishMessage}
 * @throws FlowbrokerError USER_UNKNOWN, USERS_ELSEWHERE
 */
export function clientFor(broker: Broker, args: Arguments): LocalClient {
	const asFlow = args.user === undefined;
	const session = asFlow ? undefined : usersOf(broker).session(userName(args), optionalText(args, "clientId", ""));
	return broker.localClient("admin", session);
}

function payloadOf(args: Arguments): Buffer {
	const payload = optionalText(args, "payload", "");
	if (args.encoding === undefined || oneOf(args, "encoding", ["text", "base64"]) === "text")
		return Buffer.from(payload);
	if (!/^[\w+/-]*={0,2}$/.test(payload)) throw invalidArgument("payload", "is not base64");
	return Buffer.from(payload, "base64");
}
